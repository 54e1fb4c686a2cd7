import { defineConfig, mergeConfig } from 'vitest/config';
import quick from '../../vitest.config.js';

/** The slow tests: they install packages, clone the repository, or wait for a stop that is taken to its limit. */
const { test, ...rest } = quick as { test?: object };
export default mergeConfig(
  rest,
  defineConfig({
    test: {
      ...test,
      root: new URL('../..', import.meta.url).pathname,
      include: ['test/long/**/*.test.ts'],
      exclude: ['**/node_modules/**'],
      fileParallelism: false,
      testTimeout: 600_000,
      hookTimeout: 600_000,
    },
  }),
);
