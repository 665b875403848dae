# Devices talk with the server and its channels alone; nobody chats with them, or they with anybody.
user romeo secret
user d00000123456789abcdef0123 secret
romeo logs in as orchard
phone logs in as app for d00000123456789abcdef0123
phone sends:
  <presence/>
phone receives:
  <presence from='d00000123456789abcdef0123@localhost/app'/>
phone sends:
  <iq type='get' id='1' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>
phone receives:
  <iq type='result' id='1' from='localhost'/>
phone sends:
  <message type='chat' id='2' to='romeo@localhost'><body>Buy this</body></message>
phone receives:
  <message type='error' id='2' to='d00000123456789abcdef0123@localhost/app' from='romeo@localhost'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>
phone sends:
  <presence type='subscribe' id='3' to='romeo@localhost'/>
phone receives:
  <presence type='error' id='3' to='d00000123456789abcdef0123@localhost/app' from='romeo@localhost'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>
phone sends:
  <message type='error' id='4' to='romeo@localhost/orchard'/>
phone receives nothing
romeo sends:
  <message type='chat' id='5' to='D00000123456789ABCDEF0123@localhost'><body>Hello</body></message>
romeo receives:
  <message type='error' id='5' to='romeo@localhost/orchard' from='D00000123456789ABCDEF0123@localhost'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>
romeo sends:
  <iq type='get' id='6' to='d00000123456789abcdef0123@localhost/app'><ping xmlns='urn:xmpp:ping'/></iq>
romeo receives:
  <iq type='error' id='6' to='romeo@localhost/orchard' from='d00000123456789abcdef0123@localhost/app'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
