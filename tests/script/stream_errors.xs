# What ends a stream, and how it is called.
user romeo secret

mallory connects
mallory sends:
  <?xml version='1.0'?><stream:stream to='elsewhere.org' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>
mallory receives:
  <stream>
mallory receives:
  <stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
mallory receives:
  </stream>
mallory is closed

mallory connects
mallory sends:
  <?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>
mallory receives:
  <stream>
mallory receives:
  <stream:error><unsupported-version xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
mallory receives:
  </stream>

# A document type, before anything else.
mallory connects
mallory sends:
  <?xml version='1.0'?><!DOCTYPE lol [<!ENTITY lol "lol">]>
mallory receives:
  <stream>
mallory receives:
  <stream:error><restricted-xml xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
mallory receives:
  </stream>

# The same on direct TLS, and comments, instructions, entities inside a stream.
mallory connects inside TLS
mallory sends:
  <!DOCTYPE lol>
mallory receives:
  <stream>
mallory receives:
  <stream:error><restricted-xml xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
mallory receives:
  </stream>

romeo logs in as a
romeo sends:
  <!-- hello -->
romeo receives:
  <stream:error><restricted-xml xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
romeo receives:
  </stream>
romeo logs in as a
romeo sends:
  <message><body><?php ?></body></message>
romeo receives:
  <stream:error><restricted-xml xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
romeo receives:
  </stream>
romeo logs in as a
romeo sends:
  <message><body>&lol;</body></message>
romeo receives:
  <stream:error><restricted-xml xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
romeo receives:
  </stream>
romeo logs in as a
romeo sends:
  <message><body></message></body>
romeo receives:
  <stream:error><not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
romeo receives:
  </stream>
# What closes wrongly is refused at once: it would swallow what follows.
romeo logs in as a
romeo sends:
  <message><body></message>
romeo receives:
  <stream:error><not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
romeo receives:
  </stream>
romeo logs in as a
romeo sends:
  </foo>
romeo receives:
  <stream:error><not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
romeo receives:
  </stream>
# A second header on a running stream, after login and before.
romeo logs in as a
romeo sends:
  <stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>
romeo receives:
  <stream:error><unsupported-stanza-type xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
romeo receives:
  </stream>
mallory connects
mallory sends:
  <stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>
mallory receives:
  <stream>
mallory receives:
  <stream:features>{any}</stream:features>
mallory sends:
  <stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>
mallory receives:
  <stream:error><unsupported-stanza-type xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
mallory receives:
  </stream>

romeo logs in as a
romeo sends:
  text
romeo receives:
  <stream:error><bad-format xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
romeo receives:
  </stream>
romeo logs in as a
romeo sends:
  <message xmlns='jabber:server'/>
romeo receives:
  <stream:error><unsupported-stanza-type xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
romeo receives:
  </stream>

# Nobody speaks for another: neither account, nor resource, nor what is no address.
romeo logs in as a
romeo sends:
  <message to='romeo@localhost' from='mallory@localhost'><body>hi</body></message>
romeo receives:
  <stream:error><invalid-from xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
romeo receives:
  </stream>
romeo logs in as a
romeo sends:
  <presence from='romeo@localhost/b'/>
romeo receives:
  <stream:error><invalid-from xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
romeo receives:
  </stream>
romeo logs in as a
romeo sends:
  <iq type='get' id='p' from='@'><ping xmlns='urn:xmpp:ping'/></iq>
romeo receives:
  <stream:error><invalid-from xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
romeo receives:
  </stream>

# A stream that says nothing is closed in time; a login that is slow as well.
idle connects
30 seconds pass
idle receives:
  <stream>
idle receives:
  <stream:error><connection-timeout xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
idle receives:
  </stream>
idle is closed
