# A full roster refuses new contacts, asked for by iq or by a request; what strangers ask has a limit
# of its own, and takes no contact's place.
the config sets xmpp.roster_items_max 1
the config sets xmpp.roster_requests_max 1
user romeo secret
user juliet secret
user paris secret
user tybalt secret
romeo logs in as orchard
juliet logs in as balcony
paris logs in as hall
tybalt logs in as street
juliet sends:
  <presence/>
juliet receives:
  <presence from='juliet@localhost/balcony'/>

romeo sends:
  <presence to='juliet@localhost' type='subscribe' id='s1'/>
juliet receives:
  <presence from='romeo@localhost' to='juliet@localhost' type='subscribe' id='s1'/>
romeo sends:
  <presence to='paris@localhost' type='subscribe' id='s2'/>
romeo receives:
  <presence type='error' id='s2' to='romeo@localhost/orchard' from='paris@localhost'><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>
romeo sends:
  <iq type='set' id='r1'><query xmlns='jabber:iq:roster'><item jid='paris@localhost'/></query></iq>
romeo receives:
  <iq type='error' id='r1'><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
romeo sends:
  <iq type='set' id='r2'><query xmlns='jabber:iq:roster'><item jid='juliet@localhost' name='Juliet'/></query></iq>
romeo receives:
  <iq type='result' id='r2'/>

# A second stranger's request is dropped: she has one unanswered already. Her own contact goes in.
tybalt sends:
  <presence to='juliet@localhost' type='subscribe' id='s3'/>
juliet receives nothing
juliet sends:
  <iq type='set' id='r3'><query xmlns='jabber:iq:roster'><item jid='paris@localhost'/></query></iq>
juliet receives:
  <iq type='result' id='r3'/>
