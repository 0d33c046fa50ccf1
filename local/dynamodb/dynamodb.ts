import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import dynalite from 'dynalite';
import { readBody, sendJson } from '../gateway/body.ts';
import { AwsError, type AwsService } from '../gateway/service.ts';
import { BootError } from '../stack/boot-error.ts';
import {
  createTableInput,
  sameShape,
  type TableDefinition,
  type TimeToLive,
} from './table-definition.ts';

export interface DynamoDbOptions {
  /** Items are kept in `<stateDir>/dynamodb` and survive restarts; when absent, in memory. */
  readonly stateDir?: string;
  readonly accountId: string;
  readonly region: string;
}

export interface DynamoDb extends AwsService {
  /**
   * Creates a template's table, or finds it as an earlier start left it.
   * @throws BootError `StateDirOutdated` when that one has other keys or indexes
   */
  createTable(definition: TableDefinition): Promise<void>;
  close(): Promise<void>;
}

/** DynamoDB's own limit for a request. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/**
 * DynamoDB by dynalite: conditional updates are atomic, state lies in LevelDB. What dynalite lacks is
 * answered as an unknown operation: transactions, PartiQL, streams. A TTL is described as the
 * template declares it, but items are never expired: AWS promises no more than "within days".
 */
export async function createDynamoDb(options: DynamoDbOptions): Promise<DynamoDb> {
  const path = options.stateDir && join(options.stateDir, 'dynamodb');
  if (path) mkdirSync(path, { recursive: true });
  const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  // dynalite closes its store only behind a server that listens. Not on a port: that one would answer web pages, too.
  const socketFolder = await mkdtemp(join(tmpdir(), 'splicebus-'));
  const socketPath = join(socketFolder, 'dynamodb');
  server.listen(socketPath);
  await once(server, 'listening');
  const timeToLive = new Map<string, TimeToLive>();

  const invoke = async (operation: string, input: object) => {
    const sent = httpRequest({
      socketPath,
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        'x-amz-date': '20260101T000000Z',
        authorization: 'AWS4-HMAC-SHA256 Credential=stack, SignedHeaders=host, Signature=none',
      },
    });
    sent.end(JSON.stringify(input));
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return {
      ok: response.statusCode === 200,
      body: (await json(response)) as Record<string, unknown>,
    };
  };

  return {
    async handle(request, response, call) {
      const operation = String(request.headers['x-amz-target'] ?? '').split('.')[1] ?? '';
      try {
        const body = await readBody(request, MAX_BODY_BYTES);
        const input = parse(body);
        for (const resource of resourcesOf(operation, input, options)) {
          call.authorize(`dynamodb:${operation}`, resource);
        }
        const ttl = timeToLive.get(tableNameOf(input.TableName));
        if (operation === 'DescribeTimeToLive' && ttl) {
          sendJson(response, 200, { TimeToLiveDescription: describe(ttl) });
          return;
        }
        const { method, url, headers } = request;
        const replayed = Object.assign(Readable.from([body]), { method, url, headers });
        server.emit('request', replayed, response);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        sendJson(response, error.statusCode, { __type: error.code, message: error.message });
      }
    },

    async createTable(definition) {
      const { TableName } = definition;
      const created = await invoke('CreateTable', createTableInput(definition));
      if (!created.ok && !String(created.body.__type).endsWith('#ResourceInUseException')) {
        throw new BootError(
          'InvalidTemplate',
          `Table ${TableName}: ${created.body.message ?? created.body.__type}`,
        );
      }
      let table = await describeTable(TableName);
      while (table.TableStatus !== 'ACTIVE') {
        await setImmediate();
        table = await describeTable(TableName);
      }
      if (!sameShape(definition, table)) {
        throw new BootError(
          'StateDirOutdated',
          `The table ${TableName} in ${path} has other keys or indexes than the template now ` +
            'declares. Move the state directory away and start again.',
        );
      }
      if (definition.TimeToLiveSpecification) {
        timeToLive.set(TableName, definition.TimeToLiveSpecification);
      }
    },

    async close() {
      await new Promise<void>((resolve, reject) =>
        server.close((error) => (error ? reject(error) : resolve())),
      );
      await rm(socketFolder, { recursive: true, force: true });
    },
  };

  async function describeTable(TableName: string) {
    const { body } = await invoke('DescribeTable', { TableName });
    return body.Table as TableDefinition & { TableStatus: string };
  }
}

type Input = Readonly<Record<string, unknown>>;

/** The ARNs a call touches, as IAM sees them. */
function resourcesOf(
  operation: string,
  input: Input,
  { accountId, region }: DynamoDbOptions,
): string[] {
  if (operation === 'ListTables') return ['*'];
  const arn = (tableName: string) => `arn:aws:dynamodb:${region}:${accountId}:table/${tableName}`;
  if (operation === 'BatchGetItem' || operation === 'BatchWriteItem') {
    return Object.keys((input.RequestItems as object | undefined) ?? {}).map((name) =>
      arn(tableNameOf(name)),
    );
  }
  const table = arn(tableNameOf(input.TableName));
  return [typeof input.IndexName === 'string' ? `${table}/index/${input.IndexName}` : table];
}

/** Callers may name a table by its ARN. */
function tableNameOf(value: unknown): string {
  return String(value ?? '')
    .split(':table/')
    .at(-1) as string;
}

function describe({ AttributeName, Enabled }: TimeToLive): object {
  const enabled = String(Enabled) === 'true';
  return { TimeToLiveStatus: enabled ? 'ENABLED' : 'DISABLED', AttributeName };
}

function parse(body: Buffer): Input {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Input;
  } catch {
    // Falls through to the same answer as JSON that is no object.
  }
  throw new AwsError('SerializationException', 'The request body is not a JSON object.');
}
