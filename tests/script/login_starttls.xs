# From the first byte to a bound resource, over STARTTLS. PLAIN keeps the script readable:
# base64 of NUL romeo NUL secret.
user romeo secret

romeo connects
romeo sends:
  <?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>
romeo receives:
  <stream>
romeo receives:
  <stream:features>
    <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>
    <limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>10000</max-bytes><idle-seconds>30</idle-seconds></limits>
  </stream:features>

# No passwords in clear.
romeo sends:
  <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AHJvbWVvAHNlY3JldA==</auth>
romeo receives:
  <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><encryption-required/></failure>

# What comes in the same packet behind starttls is not part of the secured stream.
romeo sends:
  <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AHJvbWVvAHNlY3JldA==</auth>
romeo receives:
  <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
romeo receives nothing

romeo sends:
  <?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>
romeo receives:
  <stream>
romeo receives:
  <stream:features>
    <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1</mechanism><mechanism>PLAIN</mechanism></mechanisms>
    <limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>10000</max-bytes><idle-seconds>30</idle-seconds></limits>
  </stream:features>

romeo sends:
  <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AHJvbWVvAHNlY3JldA==</auth>
romeo receives:
  <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
romeo sends:
  <?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>
romeo receives:
  <stream>
romeo receives:
  <stream:features>
    <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>
    <session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>
    <sm xmlns='urn:xmpp:sm:3'/>
    <csi xmlns='urn:xmpp:csi:0'/>
    <ver xmlns='urn:xmpp:features:rosterver'/>
    <limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>262144</max-bytes><idle-seconds>960</idle-seconds></limits>
  </stream:features>
romeo sends:
  <iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>
romeo receives:
  <iq type='result' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{jid}</jid></bind></iq>
romeo sends:
  <iq type='get' id='2' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>
romeo receives:
  <iq type='result' id='2' from='localhost'/>

romeo sends:
  </stream:stream>
romeo receives:
  </stream>
romeo is closed
