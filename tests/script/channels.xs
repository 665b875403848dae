# Business channels: requests, pushes, and what is refused. The frame's bytes are base64.
user romeo secret
romeo logs in as phone
romeo sends:
  <iq type='set' id='1' to='echo.localhost'><frame xmlns='urn:longwire:channel:1'>aGVsbG8=</frame></iq>
romeo receives:
  <iq type='result' id='1' from='echo.localhost'><frame xmlns='urn:longwire:channel:1'>aGVsbG8=</frame></iq>
romeo sends:
  <message type='headline' to='echo.localhost'><frame xmlns='urn:longwire:channel:1'>aGk=</frame></message>
romeo receives:
  <message type='headline' from='echo.localhost'><frame xmlns='urn:longwire:channel:1'>aGk=</frame></message>

# Domains are compared without regard to case.
romeo sends:
  <iq type='set' id='1b' to='ECHO.Localhost'><frame xmlns='urn:longwire:channel:1'>aGVsbG8=</frame></iq>
romeo receives:
  <iq type='result' id='1b' from='ECHO.Localhost'><frame xmlns='urn:longwire:channel:1'>aGVsbG8=</frame></iq>

# The channel refuses ("fail"); the frame is no base64; there is no such channel.
romeo sends:
  <iq type='set' id='2' to='echo.localhost'><frame xmlns='urn:longwire:channel:1'>ZmFpbA==</frame></iq>
romeo receives:
  <iq type='error' id='2' from='echo.localhost'><error type='modify'><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>enough</text></error></iq>
romeo sends:
  <iq type='set' id='3' to='echo.localhost'><frame xmlns='urn:longwire:channel:1'>%%%</frame></iq>
romeo receives:
  <iq type='error' id='3' from='echo.localhost' to='romeo@localhost/phone'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
romeo sends:
  <iq type='set' id='4' to='none.localhost'><frame xmlns='urn:longwire:channel:1'>aGVsbG8=</frame></iq>
romeo receives:
  <iq type='error' id='4' from='none.localhost' to='romeo@localhost/phone'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
romeo sends:
  <message type='headline' to='none.localhost'><frame xmlns='urn:longwire:channel:1'>aGk=</frame></message>
romeo receives nothing

# Pushes count for stream management and are not sent again: the channel is told instead.
romeo sends:
  <enable xmlns='urn:xmpp:sm:3' resume='true'/>
romeo receives:
  <enabled xmlns='urn:xmpp:sm:3' id='{session}' resume='true' max='300'/>
romeo sends:
  <message type='headline' to='echo.localhost'><frame xmlns='urn:longwire:channel:1'>aGk=</frame></message>
romeo receives:
  <message type='headline' from='echo.localhost'><frame xmlns='urn:longwire:channel:1'>aGk=</frame></message>
romeo sends:
  <a xmlns='urn:xmpp:sm:3' h='1'/>
romeo is cut off
romeo logs in as nobody
romeo sends:
  <resume xmlns='urn:xmpp:sm:3' h='1' previd='{session}'/>
romeo receives:
  <resumed xmlns='urn:xmpp:sm:3' h='1' previd='{session}'/>
romeo receives:
  <message type='headline' from='echo.localhost'><frame xmlns='urn:longwire:channel:1'>cmVzdW1lZA==</frame></message>
