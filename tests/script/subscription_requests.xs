# A request that is denied or taken back leaves nothing in the roster of the one who was asked (RFC
# 6121 appendix A.2); a contact that it listed itself stays.
user romeo secret
user juliet secret
romeo logs in as orchard
juliet logs in as balcony
juliet sends:
  <iq type='get' id='r1'><query xmlns='jabber:iq:roster' ver=''/></iq>
juliet receives:
  <iq type='result' id='r1'><query xmlns='jabber:iq:roster' ver='{empty}'/></iq>
juliet sends:
  <presence/>
juliet receives:
  <presence from='juliet@localhost/balcony'/>

# Denied.
romeo sends:
  <presence type='subscribe' to='juliet@localhost'/>
juliet receives:
  <presence from='romeo@localhost' to='juliet@localhost' type='subscribe'/>
juliet sends:
  <presence type='unsubscribed' to='romeo@localhost'/>
juliet sends:
  <iq type='get' id='r2'><query xmlns='jabber:iq:roster'/></iq>
juliet receives:
  <iq type='result' id='r2'><query xmlns='jabber:iq:roster'/></iq>

# Taken back.
romeo sends:
  <presence type='subscribe' to='juliet@localhost'/>
juliet receives:
  <presence from='romeo@localhost' to='juliet@localhost' type='subscribe'/>
romeo sends:
  <presence type='unsubscribe' to='juliet@localhost'/>
juliet receives:
  <presence from='romeo@localhost' to='juliet@localhost' type='unsubscribe'/>
juliet sends:
  <iq type='get' id='r4'><query xmlns='jabber:iq:roster' ver='{empty}'/></iq>
juliet receives:
  <iq type='result' id='r4'/>

# What only servers say is not passed on.
romeo sends:
  <presence type='subscribe' to='juliet@localhost'><status>please</status><delay xmlns='urn:xmpp:delay' stamp='2000-01-01T00:00:00Z'/><stanza-id xmlns='urn:xmpp:sid:0' by='juliet@localhost' id='1'/></presence>
juliet receives:
  <presence from='romeo@localhost' to='juliet@localhost' type='subscribe'><status>please</status></presence>
juliet sends:
  <presence type='unsubscribed' to='romeo@localhost'/>

# Listed by her before, though with nothing but his address: it is hers.
juliet sends:
  <iq type='set' id='r5'><query xmlns='jabber:iq:roster'><item jid='romeo@localhost'/></query></iq>
juliet receives:
  <iq type='result' id='r5'/>
juliet receives:
  <iq type='set' id='{any}'><query xmlns='jabber:iq:roster' ver='{any}'><item jid='romeo@localhost' subscription='none'/></query></iq>
romeo sends:
  <presence type='subscribe' to='juliet@localhost'/>
juliet receives:
  <presence from='romeo@localhost' to='juliet@localhost' type='subscribe'/>
juliet sends:
  <iq type='get' id='r6'><query xmlns='jabber:iq:roster'/></iq>
juliet receives:
  <iq type='result' id='r6'><query xmlns='jabber:iq:roster'><item jid='romeo@localhost' subscription='none'/></query></iq>
juliet sends:
  <presence type='unsubscribed' to='romeo@localhost'/>
juliet sends:
  <iq type='get' id='r7'><query xmlns='jabber:iq:roster'/></iq>
juliet receives:
  <iq type='result' id='r7'><query xmlns='jabber:iq:roster'><item jid='romeo@localhost' subscription='none'/></query></iq>
