import { defineConfig } from 'vitest/config';

// Newer releases of the AWS SDK warn on standard error about Node 20, in every process.
const env = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
const exclude = ['**/node_modules/**', '**/.serverless/**', '**/.splicebus/**'];
/** What takes minutes, and of which shorter forms are elsewhere. */
const full = 'shared/src/media/**/*full.test.ts';

const unit = {
  test: {
    name: 'unit',
    include: ['{shared,services,local,replay,audio,bench}/**/*.test.ts'],
    exclude: [...exclude, full],
    env,
    testTimeout: 60_000,
    hookTimeout: 180_000,
    // Two cores: more workers only make the media tests fight for them.
    maxWorkers: 2,
    maxConcurrency: 2,
    sequence: { groupOrder: 1 },
  },
};

/** These run commands of their own, on ports that are not theirs alone. */
const commands = 'e2e/{cli,readme,restart}/**/*.test.ts';

const e2e = {
  test: {
    name: 'e2e',
    include: ['e2e/**/*.test.ts'],
    exclude: [...exclude, commands],
    env,
    globalSetup: ['e2e/harness/prepare.ts'],
    // Each file boots a whole stack, which waits as much as it works.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 180_000,
    sequence: { groupOrder: 2 },
  },
};

const e2eCommands = {
  test: {
    ...e2e.test,
    name: 'commands',
    include: [commands],
    exclude,
    maxWorkers: 1,
    fileParallelism: false,
    sequence: { groupOrder: 3 },
  },
};

/** The whole conformance suite, and all kinds of sources: `npm run test:media`. */
const media = {
  test: {
    name: 'media',
    include: [full],
    env,
    // Processes do the work: three tests at a time keep two cores busy while one waits for a file.
    maxConcurrency: 3,
    testTimeout: 1_800_000,
    maxWorkers: 2,
  },
};

/** All faults, which takes minutes: `npm run test:faults`; `SEED=…` tries that one order of events again. */
const faults = {
  test: {
    name: 'faults',
    include: [process.env.SEED ? 'e2e/faults/disorder/*.test.ts' : 'e2e/faults/**/*.test.ts'],
    env: { ...env, FAULTS: 'full' },
    globalSetup: ['e2e/harness/prepare.ts', 'e2e/faults/print-table.ts'],
    maxWorkers: 2,
    testTimeout: 1_800_000,
    hookTimeout: 180_000,
  },
};

const projectsOf: Record<string, object[]> = { media: [media], faults: [faults] };

/** What is told beside the usual, at the end. */
const reportersOf: Record<string, string[]> = {
  media: ['./shared/src/media/conformance/kind-reporter.ts'],
};

export default defineConfig(({ mode }) => ({
  test: {
    projects: projectsOf[mode] ?? [unit, e2e, e2eCommands],
    reporters: ['default', ...(reportersOf[mode] ?? [])],
  },
}));
