export { createDirectoryRecordings, type DirectoryRecordings } from './directory-recordings.js';
export type { RecordingFile, RecordingFiles } from './recording-files.js';
