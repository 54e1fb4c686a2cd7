export { createDirectoryArchive } from './directory-archive.js';
