import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from './documents.ts';

/** Made once on a machine, as 3 minutes of video take their time. */
const SAMPLE_CACHE = join(tmpdir(), 'splicebus-test-episodes');

/** As the documentation has them. */
const ENDPOINT_URL = 'http://127.0.0.1:4580';
const API_URL = 'http://127.0.0.1:4581';

/** What a reader's clone would not hold yet. */
const NOT_CLONED = ['.git', '.splicebus', 'clips', 'out.json'];

export interface CommandResult {
  readonly exitCode: number | null;
  /** Both streams, as a terminal shows them. */
  readonly output: string;
}

/**
 * A folder that looks like a fresh clone and is this repository by links: what commands write into it
 * (`.splicebus`, `clips`) does not touch what a developer has there.
 */
export class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), 'splicebus-readme-'));
  readonly #exports: string[] = [];
  /** What the documentation's URLs are here. */
  #urls: Readonly<Record<string, string>> = {};
  #serving: { child: ChildProcess; ended: Promise<CommandResult> } | undefined;

  constructor() {
    for (const name of readdirSync(REPOSITORY)) {
      if (!NOT_CLONED.includes(name)) symlinkSync(join(REPOSITORY, name), join(this.folder, name));
    }
    mkdirSync(SAMPLE_CACHE, { recursive: true });
    mkdirSync(join(this.folder, '.splicebus'));
    symlinkSync(SAMPLE_CACHE, join(this.folder, '.splicebus', 'sample'));
  }

  /** Runs a documented command in the shell that it was written for. Only the port may be another. */
  run(command: string): Promise<CommandResult> {
    const here = this.#onFreePort(command);
    if (command.startsWith('export ')) this.#exports.push(here);
    return this.#spawn(here).ended;
  }

  /** Runs a command that keeps serving. @returns its output until it serves, or ends */
  async serve(command: string): Promise<string> {
    this.#serving = this.#spawn(this.#onFreePort(command));
    const { child, ended } = this.#serving;
    let output = '';
    const serves = new Promise<void>((resolve) => {
      child.stdout?.on('data', (part: string) => {
        output += part;
        if (output.includes('Serving until Ctrl-C.')) resolve();
      });
    });
    await Promise.race([serves, ended]);
    const [, endpointUrl] = /listens on (http:\S+)/.exec(output) ?? [];
    const [, apiUrl] = /(http:\S+)\/health/.exec(output) ?? [];
    if (endpointUrl && apiUrl) this.#urls = { [ENDPOINT_URL]: endpointUrl, [API_URL]: apiUrl };
    return output;
  }

  /** Ctrl-C: the signal reaches all processes of the terminal. */
  async interrupt(): Promise<CommandResult | undefined> {
    const serving = this.#serving;
    this.#serving = undefined;
    if (serving?.child.pid && serving.child.exitCode === null) {
      process.kill(-serving.child.pid, 'SIGINT');
    }
    return serving?.ended;
  }

  async remove(): Promise<void> {
    await this.interrupt();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #onFreePort(command: string): string {
    if (/^npm start\b/.test(command)) {
      return `${command}${command.includes(' -- ') ? '' : ' --'} --port 0`;
    }
    return Object.entries(this.#urls).reduce(
      (text, [usual, actual]) => text.replaceAll(usual, actual),
      command,
    );
  }

  #spawn(command: string) {
    const script = [...this.#exports, command].join('\n');
    const child = spawn('bash', ['-c', script], {
      cwd: this.folder,
      // A process group of its own, as under a terminal.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Nothing of the developer's own AWS settings.
      env: {
        ...process.env,
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (part: string) => {
        output += part;
      });
    }
    const ended = once(child, 'close').then(([exitCode]) => ({ exitCode, output }));
    return { child, ended };
  }
}
