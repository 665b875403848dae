# What one client asks of rosters in one breath is done in the order in which it was asked (RFC 6120
# section 10.1), at its contact's roster too.
user romeo secret
user juliet secret
romeo logs in as orchard
juliet logs in as balcony
romeo sends:
  <iq type='get' id='r1'><query xmlns='jabber:iq:roster' ver=''/></iq>
romeo receives:
  <iq type='result' id='r1'><query xmlns='jabber:iq:roster' ver='{empty}'/></iq>
juliet sends:
  <iq type='get' id='r1'><query xmlns='jabber:iq:roster'/></iq>
juliet receives:
  <iq type='result' id='r1'><query xmlns='jabber:iq:roster'/></iq>
juliet sends:
  <presence/>
juliet receives:
  <presence from='juliet@localhost/balcony'/>

# A get shows the set before it; a remove finds it.
romeo sends:
  <iq type='set' id='s1'><query xmlns='jabber:iq:roster'><item jid='paris@localhost' name='Paris'/></query></iq>
  <iq type='get' id='g1'><query xmlns='jabber:iq:roster' ver='{empty}'/></iq>
  <iq type='set' id='s2'><query xmlns='jabber:iq:roster'><item jid='paris@localhost' subscription='remove'/></query></iq>
  <iq type='get' id='g2'><query xmlns='jabber:iq:roster' ver='{empty}'/></iq>
romeo receives:
  <iq type='result' id='s1'/>
romeo receives:
  <iq type='set' id='{any}'><query xmlns='jabber:iq:roster' ver='{one}'><item jid='paris@localhost' name='Paris' subscription='none'/></query></iq>
romeo receives:
  <iq type='result' id='g1'><query xmlns='jabber:iq:roster' ver='{one}'><item jid='paris@localhost' name='Paris' subscription='none'/></query></iq>
romeo receives:
  <iq type='result' id='s2'/>
romeo receives:
  <iq type='set' id='{any}'><query xmlns='jabber:iq:roster' ver='{empty}'><item jid='paris@localhost' subscription='remove'/></query></iq>
romeo receives:
  <iq type='result' id='g2'/>

# Six sets of one item: all are done, the last one stays.
romeo sends:
  <iq type='set' id='n1'><query xmlns='jabber:iq:roster'><item jid='paris@localhost' name='1'/></query></iq>
  <iq type='set' id='n2'><query xmlns='jabber:iq:roster'><item jid='paris@localhost' name='2'/></query></iq>
  <iq type='set' id='n3'><query xmlns='jabber:iq:roster'><item jid='paris@localhost' name='3'/></query></iq>
  <iq type='set' id='n4'><query xmlns='jabber:iq:roster'><item jid='paris@localhost' name='4'/></query></iq>
  <iq type='set' id='n5'><query xmlns='jabber:iq:roster'><item jid='paris@localhost' name='5'/></query></iq>
  <iq type='set' id='n6'><query xmlns='jabber:iq:roster'><item jid='paris@localhost' name='6'/></query></iq>
romeo receives:
  <iq type='result' id='n1'/>
romeo receives:
  <iq type='set' id='{any}'><query xmlns='jabber:iq:roster' ver='{v1}'><item jid='paris@localhost' name='1' subscription='none'/></query></iq>
romeo receives:
  <iq type='result' id='n2'/>
romeo receives:
  <iq type='set' id='{any}'><query xmlns='jabber:iq:roster' ver='{v2}'><item jid='paris@localhost' name='2' subscription='none'/></query></iq>
romeo receives:
  <iq type='result' id='n3'/>
romeo receives:
  <iq type='set' id='{any}'><query xmlns='jabber:iq:roster' ver='{v3}'><item jid='paris@localhost' name='3' subscription='none'/></query></iq>
romeo receives:
  <iq type='result' id='n4'/>
romeo receives:
  <iq type='set' id='{any}'><query xmlns='jabber:iq:roster' ver='{v4}'><item jid='paris@localhost' name='4' subscription='none'/></query></iq>
romeo receives:
  <iq type='result' id='n5'/>
romeo receives:
  <iq type='set' id='{any}'><query xmlns='jabber:iq:roster' ver='{v5}'><item jid='paris@localhost' name='5' subscription='none'/></query></iq>
romeo receives:
  <iq type='result' id='n6'/>
romeo receives:
  <iq type='set' id='{any}'><query xmlns='jabber:iq:roster' ver='{v6}'><item jid='paris@localhost' name='6' subscription='none'/></query></iq>

# A push's version is that of the roster with its change and none after it: who was cut off after the
# fifth is sent the sixth.
romeo sends:
  <iq type='get' id='g3'><query xmlns='jabber:iq:roster' ver='{v5}'/></iq>
romeo receives:
  <iq type='result' id='g3'><query xmlns='jabber:iq:roster' ver='{v6}'><item jid='paris@localhost' name='6' subscription='none'/></query></iq>
romeo sends:
  <iq type='set' id='s3'><query xmlns='jabber:iq:roster'><item jid='paris@localhost' subscription='remove'/></query></iq>
romeo receives:
  <iq type='result' id='s3'/>
romeo receives:
  <iq type='set' id='{any}'><query xmlns='jabber:iq:roster' ver='{empty}'><item jid='paris@localhost' subscription='remove'/></query></iq>

# Asked and taken back: nothing waits, on neither side.
romeo sends:
  <presence type='subscribe' to='juliet@localhost'/>
  <presence type='unsubscribe' to='juliet@localhost'/>
  <iq type='get' id='g4'><query xmlns='jabber:iq:roster'/></iq>
romeo receives:
  <iq type='set' id='{any}'><query xmlns='jabber:iq:roster' ver='{any}'><item jid='juliet@localhost' subscription='none' ask='subscribe'/></query></iq>
romeo receives:
  <iq type='set' id='{any}'><query xmlns='jabber:iq:roster' ver='{any}'><item jid='juliet@localhost' subscription='none'/></query></iq>
romeo receives:
  <iq type='result' id='g4'><query xmlns='jabber:iq:roster'><item jid='juliet@localhost' subscription='none'/></query></iq>
juliet receives:
  <presence from='romeo@localhost' to='juliet@localhost' type='subscribe'/>
juliet receives:
  <presence from='romeo@localhost' to='juliet@localhost' type='unsubscribe'/>
juliet2 logs in as garden for juliet
juliet2 sends:
  <presence/>
juliet2 receives:
  <presence from='juliet@localhost/garden'/>
juliet2 receives:
  <presence to='juliet@localhost/garden' from='juliet@localhost/balcony'/>
juliet2 receives nothing

# Taken back and asked again: it waits.
juliet receives:
  <presence from='juliet@localhost/garden'/>
romeo sends:
  <presence type='subscribe' to='juliet@localhost'/>
  <presence type='unsubscribe' to='juliet@localhost'/>
  <presence type='subscribe' to='juliet@localhost' id='last'/>
juliet receives:
  <presence from='romeo@localhost' to='juliet@localhost' type='subscribe'/>
juliet receives:
  <presence from='romeo@localhost' to='juliet@localhost' type='unsubscribe'/>
juliet receives:
  <presence from='romeo@localhost' to='juliet@localhost' type='subscribe' id='last'/>
juliet3 logs in as hall for juliet
juliet3 sends:
  <presence><priority>-1</priority></presence>
juliet3 receives:
  <presence from='juliet@localhost/hall'><priority>-1</priority></presence>
juliet3 receives:
  <presence to='juliet@localhost/hall' from='juliet@localhost/balcony'/>
juliet3 receives:
  <presence to='juliet@localhost/hall' from='juliet@localhost/garden'/>
juliet3 receives:
  <presence from='romeo@localhost' to='juliet@localhost' type='subscribe' id='last'/>
