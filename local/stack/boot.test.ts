import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ResourceTemplate, Template, TemplateObject } from '../cloudformation/template.ts';
import { startStack } from './index.ts';
import { asBootError } from './state-file.ts';
import { fixturePackages } from './testing/packages.ts';

describe('a stack that must not start', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'splicebus-boot-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const boot = async (change: (work: Template) => Template, options: { port?: number } = {}) => {
    const packages = fixturePackages(join(directory, 'packages'), change);
    const stack = await startStack({ stateDir: join(directory, 'state'), packages, ...options });
    await stack.stop();
  };
  const withResource = (name: string, resource: ResourceTemplate) => (work: Template) => ({
    ...work,
    Resources: { ...work.Resources, [name]: resource },
  });
  const withProperties = (name: string, properties: TemplateObject) => (work: Template) => {
    const resource = work.Resources[name] as ResourceTemplate;
    const Properties = { ...resource.Properties, ...properties };
    return withResource(name, { ...resource, Properties })(work);
  };

  it.each<[string, (work: Template) => Template, string]>([
    [
      'an unknown type',
      withResource('Vpc', { Type: 'AWS::EC2::VPC' }),
      'splicebus-work-dev.Vpc: the embedded stack does not know',
    ],
    [
      'tracing without its permission',
      withProperties('Record', { TracingConfig: { Mode: 'Active' } }),
      'splicebus-work-dev.Record: the role arn:aws:iam::000000000000:role/splicebus-work-dev-RecordRole does not allow xray:PutTraceSegments',
    ],
    [
      'a timeout beyond the visibility timeout',
      withProperties('Letter', { Timeout: 100 }),
      "visibility timeout (60 s) is less than the function's timeout (100 s)",
    ],
    [
      'a rule without sense',
      withProperties('RecordRule', { EventPattern: { source: 'test' } }),
      'splicebus-work-dev.RecordRule:',
    ],
    [
      'a property that would go without effect',
      withProperties('LetterMapping', { FilterCriteria: { Filters: [] } }),
      'does not support FilterCriteria',
    ],
    [
      'a number that is none',
      withProperties('Record', { MemorySize: 'big' }),
      'MemorySize must be a number, not "big"',
    ],
  ])('has %s', async (_name, change, message) => {
    await expect(boot(change)).rejects.toThrow(message);
    // The failed start left nothing behind that would keep the next one from starting.
    await boot((work) => work);
  });

  it('finds its port taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    await expect(boot((work) => work, { port })).rejects.toMatchObject({ code: 'PortInUse' });
    await new Promise((resolve) => other.close(resolve));
  });

  it('finds a file of its state damaged', async () => {
    const [name, text] = ['eventbridge/eventbridge.json', '{"buses": ['];
    const file = join(directory, 'state', name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    await expect(boot((work) => work)).rejects.toMatchObject({
      code: 'StateDirDamaged',
      message: `The state file ${file} is damaged. Move it away, or choose another state directory (--state).`,
    });
  });

  it.each([
    ['ENOSPC', 'the disk is full'],
    ['EROFS', 'the file system is read-only'],
    ['EACCES', 'this user may not write there'],
  ])('cannot use its state directory: %s', (code, reason) => {
    const error = Object.assign(new Error('write'), { code });
    expect(asBootError(error, '/state')).toMatchObject({
      code: 'StateDirUnusable',
      message: `The state directory /state cannot be used: ${reason}. Mend that, or choose another one (--state).`,
    });
  });

  it('is asked for a service that there is not', async () => {
    const packages = fixturePackages(join(directory, 'packages'));
    const stateDir = join(directory, 'state');
    await expect(startStack({ stateDir, packages, services: ['gone'] })).rejects.toThrow(
      'There is no service gone. There are: shared, work.',
    );
  });
});
