/** The names of the `<Parameter>`s by which a media stream says whose it is (`start.customParameters`). */
export const STREAM_PARAMETERS = { callId: 'callId', attempt: 'attempt', token: 'token' } as const;

/** Where the carrier reaches us. Written by the dialer, served by api and gateway. */
export const CARRIER_PATHS = {
  /** Express route; the dialer fills in call id and attempt. */
  status: '/carrier/twilio/status/:callId/:attempt',
  media: '/carrier/twilio/media',
} as const;

export function statusCallbackPath(callId: string, attempt: number): string {
  return `/carrier/twilio/status/${callId}/${attempt}`;
}
