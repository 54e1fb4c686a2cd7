/** A refusal in Twilio's own shape. `code` is Twilio's. */
export interface TwilioError {
  code: number;
  message: string;
  status: number;
}

export interface TwilioErrorBody extends TwilioError {
  more_info: string;
}

export function errorBody({ code, message, status }: TwilioError): TwilioErrorBody {
  return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
}

const bad = (code: number, message: string): TwilioError => ({ code, message, status: 400 });

/** Every refusal that the Calls resource knows. Texts in Twilio's words where they were captured (FIDELITY.md). */
export const refusals = {
  noAuth: (): TwilioError => ({ code: 20003, message: 'Authenticate', status: 401 }),
  noSuchUser: (): TwilioError => ({ code: 20003, message: 'Authentication Error - invalid username', status: 401 }),
  testCredentials: (): TwilioError => ({
    code: 20008,
    message: 'Resource not accessible with Test Account Credentials',
    status: 403,
  }),
  stillLive: (): TwilioError => ({ code: 20009, message: 'The call is still in progress and cannot be deleted', status: 409 }),
  notFound: (path: string): TwilioError => ({
    code: 20404,
    message: `The requested resource ${path} was not found`,
    status: 404,
  }),
  tooManyRequests: (): TwilioError => ({ code: 20429, message: 'Too Many Requests', status: 429 }),
  badParameter: (name: string): TwilioError => bad(20001, `Invalid parameter: ${name}`),
  serverError: (status = 500): TwilioError => ({ code: 20500, message: 'An internal server error has occurred', status }),
  unavailable: (): TwilioError => ({ code: 20503, message: 'Service unavailable', status: 503 }),
  noTo: () => bad(21201, "No 'To' number is specified"),
  noFrom: () => bad(21213, "No 'From' number is specified"),
  badUrl: (url: string) => bad(21205, url === '' ? 'Url parameter is required.' : `Url is not a valid URL: ${url}`),
  tooManyCalls: () => bad(10004, 'Call concurrency limit exceeded'),
  badSendDigits: () => bad(21206, 'Invalid SendDigits'),
  obsoleteIfMachine: () => bad(21207, 'IfMachine is obsolete. Use MachineDetection.'),
  badTimeout: () => bad(21208, 'Invalid Timeout'),
  badMethod: () => bad(21209, 'Invalid Method'),
  fromNotYours: (from: string) =>
    bad(
      21210,
      `The source phone number provided, ${from}, is not yet verified for your account. ` +
        "You may only make calls from phone numbers that you've verified or purchased from Twilio.",
    ),
  badTo: (to: string) => bad(21211, `The phone number you are attempting to call, ${to}, is not valid.`),
  badFrom: (from: string) => bad(21212, `The source phone number provided, ${from}, is not valid.`),
  unreachable: (to: string) => bad(21214, `The phone number you are attempting to call, ${to}, cannot be reached.`),
  noPermission: (to: string) =>
    bad(
      21215,
      `Account not authorized to call ${to}. Perhaps you need to enable some international permissions: ` +
        'https://www.twilio.com/console/voice/calls/geo-permissions/low-risk',
    ),
  blocked: (to: string) => bad(21216, `Account not allowed to call ${to}.`),
  notANumber: (to: string) => bad(21217, `Phone number ${to} does not appear to be valid.`),
  unverified: (to: string) =>
    bad(21219, `The number ${to} is unverified. Trial accounts may only make calls to verified numbers.`),
  badApplication: () => bad(21218, 'Invalid ApplicationSid'),
  noMoreStreams: () => bad(31941, 'Stream cannot be started: invalid track configuration'),
  cannotRecord: () => bad(21220, 'Requested resource is not eligible for recording'),
  wrongState: () => bad(21220, 'Call is not in-progress. Cannot redirect.'),
} as const;
