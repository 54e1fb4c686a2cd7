export { createTwilioInbound, type TwilioInboundDeps } from './inbound.js';
export { createTwilioCarrier, type TwilioCarrierDeps } from './twilio-carrier.js';
export { connectStreamTwiml, type ConnectStream } from './twiml.js';
