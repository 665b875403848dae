# Chat between two accounts, and what a server must not let through.
user romeo secret
user juliet secret
romeo logs in as orchard
juliet logs in as balcony
juliet sends:
  <presence/>
juliet receives:
  <presence from='juliet@localhost/balcony'/>

romeo sends:
  <message type='chat' id='m1' to='juliet@localhost' from='Romeo@localhost'><body>&lt;hello&gt;</body><stanza-id xmlns='urn:xmpp:sid:0' by='juliet@localhost' id='forged'/><delay xmlns='urn:xmpp:delay' stamp='1970-01-01T00:00:00Z'/></message>
juliet receives:
  <message type='chat' id='m1' to='juliet@localhost' from='romeo@localhost/orchard'><body>&lt;hello&gt;</body><stanza-id xmlns='urn:xmpp:sid:0' by='juliet@localhost' id='{first}'/></message>
romeo receives nothing

# To a resource.
juliet sends:
  <message type='chat' id='m2' to='romeo@localhost/orchard' from='juliet@localhost/balcony'><body>hello yourself</body></message>
romeo receives:
  <message type='chat' id='m2' to='romeo@localhost/orchard' from='juliet@localhost/balcony'><body>hello yourself</body><stanza-id xmlns='urn:xmpp:sid:0' by='romeo@localhost' id='{second}'/></message>

# Chat to a resource that is gone goes to the account; any other type comes back.
romeo sends:
  <message type='chat' id='m3' to='juliet@localhost/gone'><body>where</body></message>
juliet receives:
  <message type='chat' id='m3' to='juliet@localhost/gone' from='romeo@localhost/orchard'><body>where</body><stanza-id xmlns='urn:xmpp:sid:0' by='juliet@localhost' id='{third}'/></message>
romeo sends:
  <message id='m4' to='juliet@localhost/gone'><body>where</body></message>
romeo receives:
  <message type='error' id='m4' from='juliet@localhost/gone' to='romeo@localhost/orchard'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>

# An account that does not exist answers as one that cannot be reached.
romeo sends:
  <message type='chat' id='m5' to='nobody@localhost'><body>?</body></message>
romeo receives:
  <message type='error' id='m5' from='nobody@localhost' to='romeo@localhost/orchard'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>
romeo sends:
  <message type='chat' id='m6' to='someone@elsewhere.org'><body>?</body></message>
romeo receives:
  <message type='error' id='m6' from='someone@elsewhere.org' to='romeo@localhost/orchard'><error type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>
romeo sends:
  <message type='chat' id='m7' to='a b@localhost'><body>?</body></message>
romeo receives:
  <message type='error' id='m7' from='a b@localhost' to='romeo@localhost/orchard'><error type='modify'><jid-malformed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>

# A headline goes to every resource that shows a priority of at least 0.
juliet2 logs in as bot for juliet
juliet2 sends:
  <presence><priority>-1</priority></presence>
juliet2 receives:
  <presence from='juliet@localhost/bot'><priority>-1</priority></presence>
juliet receives:
  <presence from='juliet@localhost/bot'><priority>-1</priority></presence>
juliet2 receives:
  <presence to='juliet@localhost/bot' from='juliet@localhost/balcony'/>
romeo sends:
  <message type='headline' id='h1' to='juliet@localhost'><body>news</body></message>
juliet receives:
  <message type='headline' id='h1' to='juliet@localhost' from='romeo@localhost/orchard'><body>news</body></message>
juliet2 receives nothing
juliet2 is cut off
juliet receives:
  <presence from='juliet@localhost/bot' type='unavailable'/>

# An error is never answered; a composing notice is passed on and not kept.
romeo sends:
  <message type='error' id='m8' to='nobody@localhost'/>
romeo receives nothing
romeo sends:
  <message type='chat' to='juliet@localhost'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>
juliet receives:
  <message type='chat' to='juliet@localhost' from='romeo@localhost/orchard'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>

# Requests between resources, and replies that nobody asked for.
romeo sends:
  <iq type='get' id='q1' to='juliet@localhost/balcony'><query xmlns='jabber:iq:version'/></iq>
juliet receives:
  <iq type='get' id='q1' to='juliet@localhost/balcony' from='romeo@localhost/orchard'><query xmlns='jabber:iq:version'/></iq>
juliet sends:
  <iq type='result' id='q1' to='romeo@localhost/orchard'><query xmlns='jabber:iq:version'><name>x</name></query></iq>
romeo receives:
  <iq type='result' id='q1' to='romeo@localhost/orchard' from='juliet@localhost/balcony'><query xmlns='jabber:iq:version'><name>x</name></query></iq>
romeo sends:
  <iq type='get' id='q2' to='juliet@localhost/gone'><query xmlns='jabber:iq:version'/></iq>
romeo receives:
  <iq type='error' id='q2' from='juliet@localhost/gone' to='romeo@localhost/orchard'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
romeo sends:
  <iq type='result' id='unasked'/><iq type='error' id='unasked' to='localhost'/>
romeo receives nothing
romeo sends:
  <iq type='get' id='q3' to='juliet@localhost'><query xmlns='jabber:iq:roster'/></iq>
romeo receives:
  <iq type='error' id='q3' from='juliet@localhost' to='romeo@localhost/orchard'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>

# What looks like a roster push stays a message from romeo, to juliet's resource; in her name it is none.
romeo sends:
  <iq type='set' id='q4' to='juliet@localhost/balcony'><query xmlns='jabber:iq:roster'><item jid='mallory@localhost'/></query></iq>
juliet receives:
  <iq type='set' id='q4' to='juliet@localhost/balcony' from='romeo@localhost/orchard'><query xmlns='jabber:iq:roster'><item jid='mallory@localhost'/></query></iq>
romeo sends:
  <iq type='set' id='q5' to='juliet@localhost/balcony' from='juliet@localhost'><query xmlns='jabber:iq:roster'><item jid='mallory@localhost'/></query></iq>
juliet receives nothing
romeo receives:
  <stream:error><invalid-from xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
romeo receives:
  </stream>
