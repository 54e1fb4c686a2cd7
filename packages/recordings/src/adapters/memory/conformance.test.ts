import { recordingsConformance } from '../../conformance/index.js';
import { createMemoryRecordings } from './index.js';

recordingsConformance('recordings in memory', createMemoryRecordings);
