# Of a client whose stanzas wait to be dealt with, only so many are read, with or without stream
# management: the rest waits in its connection.
the config sets xmpp.unhandled_stanzas_max 1
user romeo secret
user juliet secret
romeo logs in as orchard
the archive waits
romeo sends:
  <message to='juliet@localhost' type='chat' id='m1'><body>1</body></message>
  <message to='juliet@localhost' type='chat' id='m2'><body>2</body></message>
  <iq type='get' id='p1'><ping xmlns='urn:xmpp:ping'/></iq>
romeo receives nothing
the archive goes on
romeo receives:
  <iq type='result' id='p1'/>
