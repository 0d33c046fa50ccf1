import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readIssuerRecord, signToken, type TokenRequest } from '../issuer/token.ts';

const USAGE = `Usage: npm run token -- --tenant ID [options]

Prints a token for the HTTP API of the embedded stack, for the header
"Authorization: Bearer …". Ask npm for silence when you want it in a variable:
  TOKEN=$(npm run -s token -- --tenant acme)

  --tenant ID       the tenant whose episodes and clips it opens
  --scope SCOPE     a scope it has, such as splicebus/admin; repeat for more
  --expires SECONDS how long it is good for (default 3600)
  --state DIR       the state directory of the stack (default .splicebus)
  --help            this text`;

process.exitCode = await main(process.argv.slice(2));

/** @returns the exit code: 0 printed, 1 no stack has run there, 2 wrong usage */
async function main(args: string[]): Promise<number> {
  const command = parseCommand(args);
  if ('problem' in command) {
    console.error(`${command.problem}\n\n${USAGE}`);
    return 2;
  }
  if (command.help) {
    console.log(USAGE);
    return 0;
  }
  const directory = join(command.stateDir, 'issuer');
  const record = await readIssuerRecord(directory);
  if (!record) {
    console.error(
      `No stack has run in ${command.stateDir}: run npm start first, or name the stack's directory with --state.`,
    );
    return 1;
  }
  console.log(await signToken(directory, record, command.request));
  return 0;
}

type Command =
  | { help: true }
  | { help: false; request: TokenRequest; stateDir: string }
  | { problem: string };

function parseCommand(args: string[]): Command {
  try {
    const { values } = parseArgs({
      args,
      options: {
        tenant: { type: 'string' },
        scope: { type: 'string', multiple: true },
        expires: { type: 'string' },
        state: { type: 'string', default: '.splicebus' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { help: true };
    if (!values.tenant) return { problem: 'Say for which tenant: --tenant acme' };
    const expiresInSeconds = values.expires === undefined ? undefined : Number(values.expires);
    if (expiresInSeconds !== undefined && !(expiresInSeconds > 0)) {
      return { problem: `--expires takes a number of seconds, not "${values.expires}".` };
    }
    const request = { tenantId: values.tenant, scopes: values.scope, expiresInSeconds };
    return { help: false, request, stateDir: values.state };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
