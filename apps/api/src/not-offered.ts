/** Fields that other products have and this one has not, by their JSON pointer: what to do here instead. */
const NOT_OFFERED: Readonly<Record<string, string>> = {
  '/priority': 'Calls are dialed in the order in which they were asked for; use schedule.earliestAt to let one wait',
  '/agentOverrides': 'An agent is a file: use {{variables}} in its greeting and instructions, or another agentId',
  '/assistantOverrides': 'An agent is a file: use {{variables}} in its greeting and instructions, or another agentId',
  '/voicemail/message': 'The message is the agent’s (voicemail.message in its file), with {{variables}}',
  '/schedule/timeZone': 'Calling windows in the callee’s time zone are a campaign’s; a single call has earliestAt and latestAt',
  '/schedule/windows': 'Calling windows in the callee’s time zone are a campaign’s; a single call has earliestAt and latestAt',
  '/recording': 'Every answered call is recorded while the gateway has RECORDINGS_DIR; DELETE /v1/calls/{id} erases one',
  '/limits/silenceTimeoutSeconds': 'Silence is the gateway’s: SILENCE_PROMPT_AFTER_MS and SILENCE_ENDS_AFTER_MS',
};

export function notOffered(pointer: string): string | undefined {
  return Object.hasOwn(NOT_OFFERED, pointer) ? NOT_OFFERED[pointer] : undefined;
}
