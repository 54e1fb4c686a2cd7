const INPUT_TOKENS_PER_SECOND = 10;
const OUTPUT_TOKENS_PER_SECOND = 20;

export interface Amounts {
  heardMs: number;
  spokenMs: number;
  wordsIn: number;
  wordsOut: number;
}

/** What a response is billed, by the rates that the community has found (10 tokens a second heard, 20 spoken). */
export function usageOf({ heardMs, spokenMs, wordsIn, wordsOut }: Amounts): Record<string, unknown> {
  const input = { text: Math.ceil(wordsIn * 1.3), audio: Math.ceil((heardMs / 1000) * INPUT_TOKENS_PER_SECOND) };
  const output = { text: Math.ceil(wordsOut * 1.3), audio: Math.ceil((spokenMs / 1000) * OUTPUT_TOKENS_PER_SECOND) };
  return {
    total_tokens: input.text + input.audio + output.text + output.audio,
    input_tokens: input.text + input.audio,
    output_tokens: output.text + output.audio,
    input_token_details: {
      text_tokens: input.text,
      audio_tokens: input.audio,
      image_tokens: 0,
      cached_tokens: 0,
      cached_tokens_details: { text_tokens: 0, audio_tokens: 0, image_tokens: 0 },
    },
    output_token_details: { text_tokens: output.text, audio_tokens: output.audio },
  };
}

export const noUsage = usageOf({ heardMs: 0, spokenMs: 0, wordsIn: 0, wordsOut: 0 });

/** What a transcript is billed: by its length for the whisper models, by tokens for all others. */
export function transcriptUsage(model: string | undefined, seconds: number, text: string): Record<string, unknown> {
  if (model?.includes('whisper')) return { type: 'duration', seconds };
  const audio = Math.ceil(seconds * INPUT_TOKENS_PER_SECOND);
  const output = Math.ceil(text.split(' ').length * 1.3);
  return {
    type: 'tokens',
    total_tokens: audio + output,
    input_tokens: audio,
    input_token_details: { text_tokens: 0, audio_tokens: audio },
    output_tokens: output,
  };
}
