# XEP-0198: counting both ways, losing the connection, taking the session up again.
user romeo secret
user juliet secret
juliet logs in as balcony
romeo logs in as orchard
romeo sends:
  <r xmlns='urn:xmpp:sm:3'/>
romeo receives:
  <stream:error><unsupported-stanza-type xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
romeo receives:
  </stream>

romeo logs in as orchard
romeo sends:
  <enable xmlns='urn:xmpp:sm:3' resume='true'/>
romeo receives:
  <enabled xmlns='urn:xmpp:sm:3' id='{session}' resume='true' max='300'/>
romeo sends:
  <presence/><r xmlns='urn:xmpp:sm:3'/>
romeo receives:
  <a xmlns='urn:xmpp:sm:3' h='1'/>
romeo receives:
  <presence from='romeo@localhost/orchard'/>
romeo receives:
  <r xmlns='urn:xmpp:sm:3'/>

# Our answer waits until a message is durable.
the archive waits
romeo sends:
  <message type='chat' id='m1' to='juliet@localhost'><body>one</body></message><r xmlns='urn:xmpp:sm:3'/>
romeo receives nothing
romeo sends:
  <iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>
romeo receives:
  <iq type='result' id='p'/>
romeo receives nothing
the archive goes on
romeo receives:
  <a xmlns='urn:xmpp:sm:3' h='3'/>
romeo sends:
  <a xmlns='urn:xmpp:sm:3' h='2'/>

# Away: what comes is kept, and sent at the resumption.
romeo is cut off
juliet sends:
  <message type='chat' id='j1' to='romeo@localhost'><body>are you there</body></message>
10 seconds pass
romeo logs in as nobody
romeo sends:
  <resume xmlns='urn:xmpp:sm:3' h='2' previd='{session}'/><r xmlns='urn:xmpp:sm:3'/>
romeo receives:
  <resumed xmlns='urn:xmpp:sm:3' h='3' previd='{session}'/>
romeo receives:
  <message type='chat' id='j1' to='romeo@localhost' from='juliet@localhost/balcony'><body>are you there</body><stanza-id xmlns='urn:xmpp:sid:0' by='romeo@localhost' id='{j1}'/></message>
romeo receives:
  <r xmlns='urn:xmpp:sm:3'/>
the cursor of romeo is 0
romeo sends:
  <a xmlns='urn:xmpp:sm:3' h='3'/>
romeo receives:
  <message type='headline' from='echo.localhost'><frame xmlns='urn:longwire:channel:1'>cmVzdW1lZA==</frame></message>
romeo receives:
  <a xmlns='urn:xmpp:sm:3' h='3'/>
the cursor of romeo is 1

# The same again on a second connection while the first is still thought alive.
romeo2 logs in as nobody for romeo
romeo2 sends:
  <resume xmlns='urn:xmpp:sm:3' h='4' previd='{session}'/>
romeo2 receives:
  <resumed xmlns='urn:xmpp:sm:3' h='3' previd='{session}'/>
romeo receives:
  <stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>resumed elsewhere</text></stream:error>
romeo receives:
  </stream>
romeo2 receives:
  <message type='headline' from='echo.localhost'><frame xmlns='urn:longwire:channel:1'>cmVzdW1lZA==</frame></message>
romeo2 receives nothing

# Somebody else's session, and one that is over, cannot be resumed; bind goes on.
juliet2 logs in as nobody for juliet
juliet2 sends:
  <resume xmlns='urn:xmpp:sm:3' h='0' previd='{session}'/>
juliet2 receives:
  <failed xmlns='urn:xmpp:sm:3'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>
juliet2 sends:
  <iq type='set' id='a'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>&#x200B;</resource></bind></iq>
juliet2 receives:
  <iq type='error' id='a'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
juliet2 sends:
  <iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>b</resource></bind></iq>
juliet2 receives:
  <iq type='result' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>juliet@localhost/b</jid></bind></iq>
# Who asks somebody that does not come back is told so: once for each question, not for answers.
romeo2 is cut off
juliet sends:
  <iq type='get' id='v1' to='romeo@localhost/orchard'><query xmlns='jabber:iq:version'/></iq><iq type='result' id='v2' to='romeo@localhost/orchard'/>
juliet receives nothing
301 seconds pass
juliet receives:
  <iq type='error' id='v1' from='romeo@localhost/orchard' to='juliet@localhost/balcony'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
juliet receives nothing
romeo logs in as nobody
romeo sends:
  <resume xmlns='urn:xmpp:sm:3' h='3' previd='{session}'/>
romeo receives:
  <failed xmlns='urn:xmpp:sm:3'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>

# A count above what we sent ends the stream, and the session with it.
romeo logs in as orchard
romeo sends:
  <enable xmlns='urn:xmpp:sm:3' resume='true'/>
romeo receives:
  <enabled xmlns='urn:xmpp:sm:3' id='{other}' resume='true' max='300'/>
romeo sends:
  <a xmlns='urn:xmpp:sm:3' h='5'/>
romeo receives:
  <stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><handled-count-too-high xmlns='urn:xmpp:sm:3' h='5' send-count='0'/></stream:error>
romeo receives:
  </stream>

# Enabling is asked for once.
romeo logs in as orchard
romeo sends:
  <enable xmlns='urn:xmpp:sm:3' resume='true'/>
romeo receives:
  <enabled xmlns='urn:xmpp:sm:3' id='{twice}' resume='true' max='300'/>
romeo sends:
  <enable xmlns='urn:xmpp:sm:3' resume='true'/>
romeo receives:
  <stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>enabled already</text></stream:error>
romeo receives:
  </stream>

# A count is digits and nothing else, here as there.
romeo logs in as orchard
romeo sends:
  <enable xmlns='urn:xmpp:sm:3' resume='true'/>
romeo receives:
  <enabled xmlns='urn:xmpp:sm:3' id='{count0}' resume='true' max='300'/>
romeo sends:
  <a xmlns='urn:xmpp:sm:3' h='1x'/>
romeo receives:
  <stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>an answer without its number</text></stream:error>
romeo receives:
  </stream>
romeo logs in as orchard
romeo sends:
  <enable xmlns='urn:xmpp:sm:3' resume='true'/>
romeo receives:
  <enabled xmlns='urn:xmpp:sm:3' id='{count1}' resume='true' max='300'/>
romeo sends:
  <a xmlns='urn:xmpp:sm:3' h='0x'/>
romeo receives:
  <stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>an answer without its number</text></stream:error>
romeo receives:
  </stream>
romeo logs in as orchard
romeo sends:
  <enable xmlns='urn:xmpp:sm:3' resume='true'/>
romeo receives:
  <enabled xmlns='urn:xmpp:sm:3' id='{count2}' resume='true' max='300'/>
romeo sends:
  <a xmlns='urn:xmpp:sm:3' h='1 '/>
romeo receives:
  <stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>an answer without its number</text></stream:error>
romeo receives:
  </stream>
romeo logs in as orchard
romeo sends:
  <enable xmlns='urn:xmpp:sm:3' resume='true'/>
romeo receives:
  <enabled xmlns='urn:xmpp:sm:3' id='{count3}' resume='true' max='300'/>
romeo sends:
  <a xmlns='urn:xmpp:sm:3' h='-1'/>
romeo receives:
  <stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>an answer without its number</text></stream:error>
romeo receives:
  </stream>
romeo logs in as orchard
romeo sends:
  <enable xmlns='urn:xmpp:sm:3' resume='true'/>
romeo receives:
  <enabled xmlns='urn:xmpp:sm:3' id='{count4}' resume='true' max='300'/>
romeo sends:
  <a xmlns='urn:xmpp:sm:3' h='4294967296'/>
romeo receives:
  <stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>an answer without its number</text></stream:error>
romeo receives:
  </stream>
romeo logs in as orchard
romeo sends:
  <enable xmlns='urn:xmpp:sm:3' resume='true'/>
romeo receives:
  <enabled xmlns='urn:xmpp:sm:3' id='{count5}' resume='true' max='300'/>
romeo sends:
  <a xmlns='urn:xmpp:sm:3' h=''/>
romeo receives:
  <stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>an answer without its number</text></stream:error>
romeo receives:
  </stream>

# A count that goes back: what it would ask for again is gone.
romeo logs in as orchard
romeo sends:
  <enable xmlns='urn:xmpp:sm:3' resume='true'/>
romeo receives:
  <enabled xmlns='urn:xmpp:sm:3' id='{back}' resume='true' max='300'/>
romeo sends:
  <iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>
romeo receives:
  <iq type='result' id='p'/>
romeo receives:
  <r xmlns='urn:xmpp:sm:3'/>
romeo sends:
  <a xmlns='urn:xmpp:sm:3' h='1'/>
romeo sends:
  <a xmlns='urn:xmpp:sm:3' h='0'/>
romeo receives:
  <stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>fewer than acknowledged before</text></stream:error>
romeo receives:
  </stream>

# The same at a resumption: too high ends the stream, too low may still bind.
romeo logs in as orchard
romeo sends:
  <enable xmlns='urn:xmpp:sm:3' resume='true'/>
romeo receives:
  <enabled xmlns='urn:xmpp:sm:3' id='{wrong}' resume='true' max='300'/>
romeo sends:
  <iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>
romeo receives:
  <iq type='result' id='p'/>
romeo receives:
  <r xmlns='urn:xmpp:sm:3'/>
romeo sends:
  <a xmlns='urn:xmpp:sm:3' h='1'/>
romeo is cut off
romeo logs in as nobody
romeo sends:
  <resume xmlns='urn:xmpp:sm:3' h='0' previd='{wrong}'/>
romeo receives:
  <failed xmlns='urn:xmpp:sm:3'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>
romeo sends:
  <resume xmlns='urn:xmpp:sm:3' h='1x' previd='{wrong}'/>
romeo receives:
  <failed xmlns='urn:xmpp:sm:3'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>
romeo sends:
  <resume xmlns='urn:xmpp:sm:3' h='7' previd='{wrong}'/>
romeo receives:
  <stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><handled-count-too-high xmlns='urn:xmpp:sm:3' h='7' send-count='1'/></stream:error>
romeo receives:
  </stream>

# After </stream:stream> there is nothing to resume.
romeo logs in as orchard
romeo sends:
  <enable xmlns='urn:xmpp:sm:3' resume='true'/>
romeo receives:
  <enabled xmlns='urn:xmpp:sm:3' id='{last}' resume='true' max='300'/>
romeo sends:
  </stream:stream>
romeo receives:
  </stream>
romeo logs in as nobody
romeo sends:
  <resume xmlns='urn:xmpp:sm:3' h='0' previd='{last}'/>
romeo receives:
  <failed xmlns='urn:xmpp:sm:3'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>
