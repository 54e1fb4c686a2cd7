export { loudnessDbfs, SPEECH_FLOOR_DBFS } from './loudness.js';
export { decodeMuLaw, encodeMuLaw, MU_LAW_BYTES_PER_MS, MU_LAW_RATE_HZ, MU_LAW_SILENCE, silence } from './mu-law.js';
export { muLawWavHeader, readMuLawWav, WAV_HEADER_BYTES, type MuLawWav } from './wav.js';
