# Messages that came while nobody was there, with their time, once.
user romeo secret
user juliet secret
romeo logs in as orchard
romeo sends:
  <message type='chat' id='m1' to='juliet@localhost'><body>one</body></message><message type='chat' id='m2' to='juliet@localhost'><body>two</body></message>
60 seconds pass

juliet logs in as balcony
juliet sends:
  <enable xmlns='urn:xmpp:sm:3'/>
juliet receives:
  <enabled xmlns='urn:xmpp:sm:3'/>

# A negative priority gets nothing.
juliet sends:
  <presence><priority>-1</priority></presence>
juliet receives:
  <presence from='juliet@localhost/balcony'><priority>-1</priority></presence>
juliet receives:
  <r xmlns='urn:xmpp:sm:3'/>
juliet receives nothing
juliet sends:
  <presence/>
juliet receives:
  <presence from='juliet@localhost/balcony'/>
juliet receives:
  <message type='chat' id='m1' to='juliet@localhost' from='romeo@localhost/orchard'><body>one</body><stanza-id xmlns='urn:xmpp:sid:0' by='juliet@localhost' id='{one}'/><delay xmlns='urn:xmpp:delay' from='localhost' stamp='2026-01-01T00:00:00.000Z'/></message>
juliet receives:
  <message type='chat' id='m2' to='juliet@localhost' from='romeo@localhost/orchard'><body>two</body><stanza-id xmlns='urn:xmpp:sid:0' by='juliet@localhost' id='{two}'/><delay xmlns='urn:xmpp:delay' from='localhost' stamp='2026-01-01T00:00:00.000Z'/></message>
the cursor of juliet is 0
juliet sends:
  <a xmlns='urn:xmpp:sm:3' h='3'/>
the cursor of juliet is 1
juliet receives:
  <r xmlns='urn:xmpp:sm:3'/>
juliet sends:
  <a xmlns='urn:xmpp:sm:3' h='4'/>
# Soon after the one before: within a second.
1 seconds pass
the cursor of juliet is 2

# One that comes live is not sent again from the archive, and its acknowledgement moves the cursor.
romeo sends:
  <message type='chat' id='m3' to='juliet@localhost'><body>three</body></message>
juliet receives:
  <message type='chat' id='m3' to='juliet@localhost' from='romeo@localhost/orchard'><body>three</body><stanza-id xmlns='urn:xmpp:sid:0' by='juliet@localhost' id='{three}'/></message>
juliet receives:
  <r xmlns='urn:xmpp:sm:3'/>
juliet receives nothing
juliet sends:
  <a xmlns='urn:xmpp:sm:3' h='5'/>
1 seconds pass
the cursor of juliet is 3

# Without stream management the cursor moves when a message is written.
juliet logs in as balcony
juliet sends:
  <presence/>
juliet receives:
  <presence from='juliet@localhost/balcony'/>
juliet receives nothing
romeo sends:
  <message type='chat' id='m4' to='juliet@localhost'><body>four</body></message>
juliet receives:
  <message type='chat' id='m4' to='juliet@localhost' from='romeo@localhost/orchard'><body>four</body><stanza-id xmlns='urn:xmpp:sid:0' by='juliet@localhost' id='{four}'/></message>
the cursor of juliet is 4
