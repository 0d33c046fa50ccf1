import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageServices } from './package-services.ts';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const SERVERLESS_YML = `
service: greeter
provider:
  name: aws
  runtime: nodejs22.x
package:
  individually: true
plugins:
  - serverless-esbuild
custom:
  esbuild: \${file(${join(REPOSITORY, 'shared/serverless/common/esbuild.yml')})}
functions:
  greet:
    handler: greet.handler
`;

let root: string;
const service = (file: string) => join(root, 'services', 'greeter', file);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'splicebus-packaging-'));
  await mkdir(join(root, 'services', 'greeter'), { recursive: true });
  await mkdir(join(root, 'shared'));
  await symlink(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'));
  await writeFile(
    join(root, 'serverless-compose.yml'),
    'services:\n  greeter:\n    path: services/greeter\n',
  );
  for (const name of ['package.json', 'package-lock.json', 'tsconfig.json']) {
    await writeFile(join(root, name), '{}');
  }
  await writeFile(service('serverless.yml'), SERVERLESS_YML);
  await writeFile(service('greet.ts'), `export const handler = async () => 'hello';`);
});

afterAll(() => rm(root, { recursive: true, force: true }));

/** The template holds the time of its packaging: it is another one after every run. */
const template = () =>
  readFile(service('.serverless/cloudformation-template-update-stack.json'), 'utf8');

it('packages once, then only what has changed or is lost', async () => {
  const packaged = await packageServices({ root });
  expect(packaged).toEqual([
    {
      name: 'greeter',
      directory: service('.serverless'),
      templatePath: service('.serverless/cloudformation-template-update-stack.json'),
      artifacts: [
        {
          functionName: 'greet',
          path: service('.serverless/greet.zip'),
          sizeBytes: expect.any(Number),
        },
      ],
    },
  ]);
  const first = await template();

  expect(await packageServices({ root })).toEqual(packaged);
  expect(await template()).toBe(first);

  await writeFile(service('greet.ts'), `export const handler = async () => 'good morning';`);
  await packageServices({ root });
  const second = await template();
  expect(second).not.toBe(first);

  await rm(service('.serverless/greet.zip'));
  expect(await packageServices({ root })).toHaveLength(1);
  expect(await template()).not.toBe(second);
});

it('says what the framework said when it fails, and tries again the next time', async () => {
  await writeFile(service('greet.ts'), 'export const handler = (');
  const failure = {
    name: 'PackagingError',
    code: 'PackagingFailed',
    message: expect.stringMatching(/greet\.ts:1:\d+: ERROR: /),
  };
  await expect(packageServices({ root })).rejects.toMatchObject(failure);
  await expect(packageServices({ root })).rejects.toMatchObject(failure);
});
