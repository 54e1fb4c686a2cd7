// A program as its author runs it against the real Twilio: the official SDK, nothing configured but the account.
// Prints one JSON object.
import twilio from 'twilio';

const client = twilio(process.env.TWILIO_ACCOUNT_SID, process.env.TWILIO_AUTH_TOKEN);
const created = await client.calls.create({
  to: '+14155550102',
  from: '+15005550006',
  twiml: '<Response><Pause length="60"/></Response>',
});
const fetched = await client.calls(created.sid).fetch();
const ended = await client.calls(created.sid).update({ status: 'completed' });
const unknown = await client
  .calls('CA00000000000000000000000000000000')
  .fetch()
  .catch((error) => error);
console.log(
  JSON.stringify({ sid: created.sid, created: created.status, fetched: fetched.sid, ended: ended.status, unknown: unknown.code }),
);
