# Wrong passwords, unknown users and nonsense, on one stream, until it is too much.
user romeo secret

romeo connects inside TLS
romeo sends:
  <?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>
romeo receives:
  <stream>
romeo receives:
  <stream:features>{any}</stream:features>

# A wrong password, and a user who does not exist: the same answer.
romeo sends:
  <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AHJvbWVvAHdyb25n</auth>
romeo receives:
  <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>
romeo sends:
  <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AG5vYm9keQB3cm9uZw==</auth>
romeo receives:
  <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>

# Giving up, and beginning anew.
romeo sends:
  <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>biwsbj1yb21lbyxyPWFiYw==</auth>
romeo receives:
  <challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{any}</challenge>
romeo sends:
  <abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
romeo receives:
  <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><aborted/></failure>
romeo sends:
  <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>!!!</auth>
romeo receives:
  <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><incorrect-encoding/></failure>
romeo sends:
  <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='X-NONE'>YQ==</auth>
romeo receives:
  <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><invalid-mechanism/></failure>
romeo receives:
  <stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>too many failed attempts</text></stream:error>
romeo receives:
  </stream>
romeo is closed

# Stanzas before login end the stream.
romeo connects inside TLS
romeo sends:
  <?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'><message to='juliet@localhost'><body>hi</body></message>
romeo receives:
  <stream>
romeo receives:
  <stream:features>{any}</stream:features>
romeo receives:
  <stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
romeo receives:
  </stream>

# And so does one between login and bind.
romeo logs in as nobody
romeo sends:
  <message to='juliet@localhost'><body>hi</body></message>
romeo receives:
  <stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>bind first</text></stream:error>
romeo receives:
  </stream>
