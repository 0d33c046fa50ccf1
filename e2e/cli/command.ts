import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Ended, run } from '../harness/process.ts';

const REPOSITORY = new URL('../../', import.meta.url);
const { scripts } = JSON.parse(readFileSync(new URL('package.json', REPOSITORY), 'utf8')) as {
  scripts: Record<string, string>;
};

/** The arguments of Node that do what `npm run <script>` does, from any directory. */
export function commandOf(script: 'start' | 'trace' | 'clean'): string[] {
  const [source] = /\S+\.ts$/.exec(scripts[script]!)!;
  return ['--import', import.meta.resolve('tsx'), fileURLToPath(new URL(source, REPOSITORY))];
}

/** Runs `npm run <script> -- <args>` in a directory, to its end. */
export function runScript(
  script: Parameters<typeof commandOf>[0],
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return run(process.execPath, [...commandOf(script), ...args], { cwd, env });
}
