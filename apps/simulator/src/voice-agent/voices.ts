import { voices, type VoiceName } from '../speech/index.js';

/** The provider's voices, each by the one of ours that comes closest. */
const BY_PROVIDER_NAME: Record<string, VoiceName> = {
  alloy: 'slt',
  coral: 'slt',
  marin: 'slt',
  sage: 'slt',
  shimmer: 'slt',
  ash: 'rms',
  cedar: 'rms',
  echo: 'rms',
  ballad: 'awb',
  verse: 'awb',
};

export function voiceFor(voice: string | { id: string }): VoiceName {
  const name = typeof voice === 'string' ? voice : voice.id;
  return voices.find((own) => own === name) ?? BY_PROVIDER_NAME[name] ?? 'slt';
}
