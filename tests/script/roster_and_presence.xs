# Two accounts become contacts, see each other come and go, and part.
user romeo secret
user juliet secret
romeo logs in as orchard
juliet logs in as balcony
romeo sends:
  <iq type='get' id='r1'><query xmlns='jabber:iq:roster' ver=''/></iq>
romeo receives:
  <iq type='result' id='r1'><query xmlns='jabber:iq:roster' ver='{any}'/></iq>
juliet sends:
  <iq type='get' id='r1'><query xmlns='jabber:iq:roster'/></iq>
juliet receives:
  <iq type='result' id='r1'><query xmlns='jabber:iq:roster'/></iq>
romeo sends:
  <presence/>
romeo receives:
  <presence from='romeo@localhost/orchard'/>
juliet sends:
  <presence/>
juliet receives:
  <presence from='juliet@localhost/balcony'/>

romeo sends:
  <iq type='set' id='r2'><query xmlns='jabber:iq:roster'><item jid='juliet@localhost' name='Juliet'><group>Friends</group></item></query></iq>
romeo receives:
  <iq type='result' id='r2'/>
romeo receives:
  <iq type='set' id='{any}'><query xmlns='jabber:iq:roster' ver='{v1}'><item jid='juliet@localhost' name='Juliet' subscription='none'><group>Friends</group></item></query></iq>

romeo sends:
  <presence to='juliet@localhost' type='subscribe' id='s1'/>
romeo receives:
  <iq type='set' id='{any}'><query xmlns='jabber:iq:roster' ver='{v2}'><item jid='juliet@localhost' name='Juliet' subscription='none' ask='subscribe'><group>Friends</group></item></query></iq>
juliet receives:
  <presence from='romeo@localhost' to='juliet@localhost' type='subscribe' id='s1'/>

# Her agreement: both rosters, and her presence to him.
juliet sends:
  <presence to='romeo@localhost' type='subscribed'/>
juliet receives:
  <iq type='set' id='{any}'><query xmlns='jabber:iq:roster' ver='{any}'><item jid='romeo@localhost' subscription='from'/></query></iq>
romeo receives:
  <presence from='juliet@localhost' to='romeo@localhost' type='subscribed'/>
romeo receives:
  <iq type='set' id='{any}'><query xmlns='jabber:iq:roster' ver='{v3}'><item jid='juliet@localhost' name='Juliet' subscription='to'><group>Friends</group></item></query></iq>
romeo receives:
  <presence to='romeo@localhost' from='juliet@localhost/balcony'/>

# He sees what she does; she does not see him.
juliet sends:
  <presence><show>away</show></presence>
juliet receives:
  <presence from='juliet@localhost/balcony'><show>away</show></presence>
romeo receives:
  <presence to='romeo@localhost' from='juliet@localhost/balcony'><show>away</show></presence>
romeo sends:
  <presence><show>dnd</show></presence>
romeo receives:
  <presence from='romeo@localhost/orchard'><show>dnd</show></presence>
juliet receives nothing

# A second resource of his is shown both.
romeo2 logs in as garden for romeo
romeo2 sends:
  <presence/>
romeo2 receives:
  <presence from='romeo@localhost/garden'/>
romeo receives:
  <presence from='romeo@localhost/garden'/>
romeo2 receives:
  <presence to='romeo@localhost/garden' from='romeo@localhost/orchard'><show>dnd</show></presence>
romeo2 receives:
  <presence to='romeo@localhost/garden' from='juliet@localhost/balcony'><show>away</show></presence>
romeo2 is cut off
romeo receives:
  <presence from='romeo@localhost/garden' type='unavailable'/>

# The roster has a version: the same one again costs nothing.
romeo sends:
  <iq type='get' id='r3'><query xmlns='jabber:iq:roster' ver='{v3}'/></iq>
romeo receives:
  <iq type='result' id='r3'/>

# Directed presence, and its end.
romeo sends:
  <presence to='juliet@localhost'/>
juliet receives:
  <presence from='romeo@localhost/orchard' to='juliet@localhost'/>

romeo sends:
  <presence id='d1' to='juliet@elsewhere.org'/>
romeo receives:
  <presence type='error' id='d1' from='juliet@elsewhere.org' to='romeo@localhost/orchard'><error type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>

# Removing her ends it on both sides.
romeo sends:
  <iq type='set' id='r4'><query xmlns='jabber:iq:roster'><item jid='juliet@localhost' subscription='remove'/></query></iq>
romeo receives:
  <iq type='result' id='r4'/>
romeo receives:
  <iq type='set' id='{any}'><query xmlns='jabber:iq:roster' ver='{any}'><item jid='juliet@localhost' subscription='remove'/></query></iq>
juliet receives:
  <presence from='romeo@localhost' to='juliet@localhost' type='unsubscribe'/>
romeo receives:
  <presence from='juliet@localhost/balcony' to='romeo@localhost' type='unavailable'/>
juliet receives:
  <iq type='set' id='{any}'><query xmlns='jabber:iq:roster' ver='{any}'><item jid='romeo@localhost' subscription='none'/></query></iq>

romeo sends:
  <presence type='unavailable'/>
romeo receives:
  <presence from='romeo@localhost/orchard' type='unavailable'/>
juliet receives:
  <presence to='juliet@localhost' from='romeo@localhost/orchard' type='unavailable'/>

# Items that cannot be.
romeo sends:
  <iq type='set' id='r5'><query xmlns='jabber:iq:roster'><item jid='romeo@localhost'/></query></iq>
romeo receives:
  <iq type='error' id='r5' to='romeo@localhost/orchard'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
romeo sends:
  <iq type='set' id='r6'><query xmlns='jabber:iq:roster'><item jid='a@localhost'/><item jid='b@localhost'/></query></iq>
romeo receives:
  <iq type='error' id='r6' to='romeo@localhost/orchard'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
romeo sends:
  <iq type='set' id='r7'><query xmlns='jabber:iq:roster'><item jid='gone@localhost' subscription='remove'/></query></iq>
romeo receives:
  <iq type='error' id='r7'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
romeo sends:
  <iq type='set' id='r8'><query xmlns='jabber:iq:roster'><item jid='a@localhost'><group>x</group><group>y</group><group>x</group></item></query></iq>
romeo receives:
  <iq type='error' id='r8' to='romeo@localhost/orchard'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
romeo sends:
  <iq type='set' id='r9'><query xmlns='jabber:iq:roster'><item jid='a@localhost'><group/></item></query></iq>
romeo receives:
  <iq type='error' id='r9' to='romeo@localhost/orchard'><error type='modify'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>

# Another's roster is not ours to change; whether that account exists is not told.
romeo sends:
  <iq type='set' id='r10' to='juliet@localhost'><query xmlns='jabber:iq:roster'><item jid='a@localhost'/></query></iq>
romeo receives:
  <iq type='error' id='r10' from='juliet@localhost' to='romeo@localhost/orchard'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
romeo sends:
  <iq type='set' id='r11' to='nobody@localhost'><query xmlns='jabber:iq:roster'><item jid='a@localhost'/></query></iq>
romeo receives:
  <iq type='error' id='r11' from='nobody@localhost' to='romeo@localhost/orchard'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
romeo sends:
  <iq type='get' id='r12' to='juliet@localhost'><query xmlns='jabber:iq:roster'></query></iq>
romeo receives:
  <iq type='error' id='r12' from='juliet@localhost' to='romeo@localhost/orchard'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
