import { defineConfig } from 'vitest/config';

// Newer releases of the AWS SDK warn on standard error about Node 20, in every process.
const env = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
const exclude = ['**/node_modules/**', '**/.serverless/**', '**/.splicebus/**'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{shared,services,local}/**/*.test.ts'],
          exclude,
          env,
          testTimeout: 60_000,
          hookTimeout: 180_000,
          // Two cores: more workers only make the media tests fight for them.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          exclude,
          env,
          globalSetup: ['e2e/harness/prepare.ts'],
          // Each file boots a whole stack, whose functions and FFmpeg keep two cores busy by themselves.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
