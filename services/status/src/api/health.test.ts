import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

/** Stands in for AWS: all is well but the bus, which never answers. */
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    if (String(request.headers['x-amz-target']).startsWith('AWSEvents.')) return;
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(request.method === 'HEAD' ? undefined : '{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const variables = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    TABLE_NAME: 'table',
    BUCKET_NAME: 'bucket',
    BUS_NAME: 'bus',
    POWERTOOLS_METRICS_DISABLED: 'true',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
});

it('does not wait for what hangs', async () => {
  const { handler } = await import('./health.ts');
  const event = { rawPath: '/health', headers: {}, requestContext: { requestId: 'one' } };
  const context = { getRemainingTimeInMillis: () => 25_000 } as Context;
  const result = (await handler(event, context)) as APIGatewayProxyStructuredResultV2;
  expect(result.statusCode).toBe(503);
  expect(JSON.parse(String(result.body))).toEqual({
    status: 'unavailable',
    checks: {
      table: { ok: true, ms: expect.any(Number) },
      bucket: { ok: true, ms: expect.any(Number) },
      bus: { ok: false, ms: expect.any(Number) },
    },
  });
});
