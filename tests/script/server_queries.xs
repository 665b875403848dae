# What the server says of itself.
user romeo secret
romeo logs in as orchard
romeo sends:
  <iq type='get' id='1' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
romeo receives:
  <iq type='result' id='1' from='localhost'><query xmlns='http://jabber.org/protocol/disco#info'>{any}</query></iq>
romeo sends:
  <iq type='get' id='2' to='localhost'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>
romeo receives:
  <iq type='result' id='2' from='localhost'><query xmlns='http://jabber.org/protocol/disco#items'><item jid='echo.localhost'/></query></iq>
romeo sends:
  <iq type='get' id='3' to='echo.localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
romeo receives:
  <iq type='result' id='3' from='echo.localhost'><query xmlns='http://jabber.org/protocol/disco#info'>{any}</query></iq>
romeo sends:
  <iq type='get' id='4' to='none.localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
romeo receives:
  <iq type='error' id='4' from='none.localhost' to='romeo@localhost/orchard'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
romeo sends:
  <iq type='get' id='5' to='localhost'><query xmlns='jabber:iq:version'/></iq>
romeo receives:
  <iq type='result' id='5' from='localhost'><query xmlns='jabber:iq:version'><name>Longwire</name><version>{any}</version></query></iq>
romeo sends:
  <iq type='get' id='6' to='localhost'><time xmlns='urn:xmpp:time'/></iq>
romeo receives:
  <iq type='result' id='6' from='localhost'><time xmlns='urn:xmpp:time'><tzo>+00:00</tzo><utc>2026-01-01T00:00:00.000Z</utc></time></iq>
romeo sends:
  <iq type='get' id='7' to='localhost'><query xmlns='urn:unheard-of'/></iq>
romeo receives:
  <iq type='error' id='7' from='localhost' to='romeo@localhost/orchard'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
romeo sends:
  <iq type='get' id='8' to='elsewhere.org'><ping xmlns='urn:xmpp:ping'/></iq>
romeo receives:
  <iq type='error' id='8' from='elsewhere.org' to='romeo@localhost/orchard'><error type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>

# Requests that are none; what is echoed is escaped.
romeo sends:
  <iq type='get' id='&apos;/>&lt;x y=&quot;' to='localhost'/>
romeo receives:
  <iq type='error' id='&apos;/>&lt;x y=&quot;' from='localhost' to='romeo@localhost/orchard'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
romeo sends:
  <iq type='get' id='9'><a xmlns='urn:a'/><b xmlns='urn:b'/></iq>
romeo receives:
  <iq type='error' id='9' to='romeo@localhost/orchard'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
romeo sends:
  <iq type='other' id='10'><ping xmlns='urn:xmpp:ping'/></iq>
romeo receives:
  <iq type='error' id='10' to='romeo@localhost/orchard'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>

# Answers are never answered, be they as bad as they may.
romeo sends:
  <iq type='error'/><iq type='result'/><iq type='error' to='juliet@localhost/x'/>
romeo receives nothing
romeo sends:
  <iq type='error' id='11' to='none.localhost'/><iq type='result' id='12' to='@'/>
romeo receives nothing

# Channels that are not there, or not for this session, answer nothing.
romeo sends:
  <iq type='get' id='13' to='echo.localhost'><ping xmlns='urn:xmpp:ping'/></iq>
romeo receives:
  <iq type='result' id='13' from='echo.localhost'/>
romeo sends:
  <iq type='get' id='14' to='none.localhost'><ping xmlns='urn:xmpp:ping'/></iq>
romeo receives:
  <iq type='error' id='14' from='none.localhost' to='romeo@localhost/orchard'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
romeo sends:
  <iq type='get' id='15' to='a.b.localhost'><ping xmlns='urn:xmpp:ping'/></iq>
romeo receives:
  <iq type='error' id='15' from='a.b.localhost' to='romeo@localhost/orchard'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
romeo sends:
  <iq type='get' id='16' to='none.localhost'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>
romeo receives:
  <iq type='error' id='16' from='none.localhost' to='romeo@localhost/orchard'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
romeo sends:
  <iq type='get' id='17' to='machines.localhost'><ping xmlns='urn:xmpp:ping'/></iq>
romeo receives:
  <iq type='error' id='17' from='machines.localhost' to='romeo@localhost/orchard'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
