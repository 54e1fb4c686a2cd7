/** The names of the `<Parameter>`s by which a media stream says whose it is (`start.customParameters`). */
export const STREAM_PARAMETERS = { callId: 'callId', attempt: 'attempt', token: 'token' } as const;

/** Where the carrier reaches us. Written by the dialer, served by api and gateway. */
export const CARRIER_PATHS = {
  /** Express route; the dialer fills in call id and attempt. */
  status: '/carrier/twilio/status/:callId/:attempt',
  media: '/carrier/twilio/media',
  /** The verdict of machine detection. */
  answeredBy: '/carrier/twilio/amd/:callId/:attempt',
  /** What becomes of the leg to whom a call is transferred. */
  transfer: '/carrier/twilio/transfer/:callId/:attempt',
  /** That leg is over; answered with what the carrier does next. */
  afterTransfer: '/carrier/twilio/after-transfer/:callId/:attempt',
} as const;

export function statusCallbackPath(callId: string, attempt: number): string {
  return `/carrier/twilio/status/${callId}/${attempt}`;
}

export function answeredByPath(callId: string, attempt: number): string {
  return `/carrier/twilio/amd/${callId}/${attempt}`;
}

export function transferPath(callId: string, attempt: number): string {
  return `/carrier/twilio/transfer/${callId}/${attempt}`;
}

export function afterTransferPath(callId: string, attempt: number): string {
  return `/carrier/twilio/after-transfer/${callId}/${attempt}`;
}
