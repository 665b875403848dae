# Presence to one that is no contact: told of the end as well, whatever the sender shows to all
# (RFC 6121 section 4.6.3).
user romeo secret
user juliet secret
juliet logs in as balcony
juliet sends:
  <presence/>
juliet receives:
  <presence from='juliet@localhost/balcony'/>

# Lost without ever having shown presence to all.
romeo logs in as orchard
romeo sends:
  <presence to='juliet@localhost'/>
juliet receives:
  <presence from='romeo@localhost/orchard' to='juliet@localhost'/>
romeo is cut off
juliet receives:
  <presence to='juliet@localhost' from='romeo@localhost/orchard' type='unavailable'/>

# Says so itself.
romeo logs in as orchard
romeo sends:
  <presence to='juliet@localhost'/>
juliet receives:
  <presence from='romeo@localhost/orchard' to='juliet@localhost'/>
romeo sends:
  <presence type='unavailable'/>
juliet receives:
  <presence to='juliet@localhost' from='romeo@localhost/orchard' type='unavailable'/>
romeo is cut off
juliet receives nothing

# A resource that has shown no presence itself learns of the end too.
juliet2 logs in as garden for juliet
romeo logs in as orchard
romeo sends:
  <presence to='juliet@localhost/garden'/>
juliet2 receives:
  <presence from='romeo@localhost/orchard' to='juliet@localhost/garden'/>
romeo is cut off
juliet2 receives:
  <presence to='juliet@localhost/garden' from='romeo@localhost/orchard' type='unavailable'/>
juliet receives nothing

# Withdrawn once is withdrawn.
romeo logs in as orchard
romeo sends:
  <presence to='juliet@localhost'/><presence to='juliet@localhost' type='unavailable'/>
juliet receives:
  <presence from='romeo@localhost/orchard' to='juliet@localhost'/>
juliet receives:
  <presence from='romeo@localhost/orchard' to='juliet@localhost' type='unavailable'/>
romeo is cut off
juliet receives nothing

# A type that there is not is told to its sender alone; a probe is for servers.
romeo logs in as orchard
romeo sends:
  <presence to='juliet@localhost' type='foo' id='f1'/>
romeo receives:
  <presence type='error' id='f1' from='juliet@localhost' to='romeo@localhost/orchard'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>
romeo sends:
  <presence to='juliet@localhost' type='probe'/>
romeo receives nothing
juliet receives nothing
