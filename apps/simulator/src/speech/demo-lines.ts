/**
 * What is said in the demonstration call: an appointment reminder. The agent's greeting is not here: it is given by whoever
 * connects the agent. The demo script (voice-agent/scripts.ts) decides which line follows which.
 */
export const agentLines = {
  greeting: 'Hello, this is an automated AI assistant calling about your appointment. Am I speaking with the right person?',
  reminder: "Great. This is a reminder of your appointment tomorrow at three o'clock. Does that time still suit you?",
  anythingElse: 'Wonderful, I have noted that. Is there anything else I can help you with?',
  confirmIdentity: 'Hello. Am I speaking with the person who booked an appointment for tomorrow?',
  reschedule: 'No problem. Our office will call you back to find another time. Goodbye, and have a lovely day.',
  wrongNumber: 'I am sorry to have troubled you. We will not call this number again. Goodbye.',
  passOn: 'I will pass that on to the office. Is there anything else?',
  misheard: 'Sorry, I did not catch that. Could you say it again?',
  stillThere: 'Take your time. What else would you like to know?',
  farewell: 'Thank you, you are all set for tomorrow at three. Goodbye, and have a lovely day.',
} as const;

export const calleeLines = {
  hello: 'Hello?',
  thatIsMe: 'Yes, that is me.',
  confirm: "Yes, three o'clock is fine.",
  thatIsAll: 'No, that is all. Thank you.',
  wrongNumber: 'No, you have the wrong number.',
  reschedule: 'No, I cannot come at three.',
  interrupt: 'Wait, one moment please.',
  goodbye: 'Goodbye.',
} as const;
