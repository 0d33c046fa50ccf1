import { afterAll, beforeAll, expect, it } from 'vitest';
import { startDeployment, type TestDeployment } from './deployment.fixture.ts';
import type * as presignModule from './presign.ts';

const KEY = 'audio_clips/talk/0-1000.mp3';

let deployment: TestDeployment;
let module: typeof presignModule;
beforeAll(async () => {
  deployment = await startDeployment();
  module = await import('./presign.ts');
  await deployment.putObject(KEY, 'sound');
});
afterAll(() => deployment?.stop());

it('lets anybody read the object, without credentials', async () => {
  const url = await module.presign(KEY, { expiresInSeconds: 86_400 });
  expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('86400');
  const response = await fetch(url);
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('sound');
});

it('signs for the host alone: no header has to be sent along', async () => {
  const url = await module.presign(KEY, { expiresInSeconds: 60 });
  expect(new URL(url).searchParams.get('X-Amz-SignedHeaders')).toBe('host');
});

it('has the object saved under a name', async () => {
  const url = await module.presign(KEY, { expiresInSeconds: 60, fileName: 'talk-joke.mp3' });
  const response = await fetch(url);
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="talk-joke.mp3"');
});
