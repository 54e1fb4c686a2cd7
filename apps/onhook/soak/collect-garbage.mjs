// Loaded before each process of a soak: on SIGUSR2 it collects all its garbage, so that what is weighed is what is kept.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => {
  // What the first finds may have held something that only the second can see.
  collect();
  collect();
});
