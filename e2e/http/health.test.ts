import { afterEach, expect, it } from 'vitest';
import { editTemplates } from '../harness/edit-templates.ts';
import { type Splicebus, startSplicebus } from '../harness/splicebus.ts';

interface Health {
  status: string;
  checks: Record<'table' | 'bucket' | 'bus', { ok: boolean; ms: number }>;
}

let splicebus: Splicebus;
afterEach(() => splicebus?.stop());

const getHealth = async () => {
  const response = await fetch(`${splicebus.stack.apiUrl}/health`);
  const text = await response.text();
  return { response, text, body: JSON.parse(text) as Health };
};

const fine = { ok: true, ms: expect.any(Number) };

it('says that all is well, to anybody', async () => {
  splicebus = await startSplicebus();
  const { response, body } = await getHealth();
  expect({ status: response.status, body }).toEqual({
    status: 200,
    body: { status: 'ok', checks: { table: fine, bucket: fine, bus: fine } },
  });
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('cache-control')).toBe('private, no-store');
  const head = await fetch(`${splicebus.stack.apiUrl}/health`, { method: 'HEAD' });
  expect({ status: head.status, body: await head.text() }).toEqual({ status: 200, body: '' });
});

it('says what cannot be reached, and keeps the reason to the log', async () => {
  splicebus = await startSplicebus({
    edit: (packages, folder) =>
      editTemplates(packages, folder, ({ Properties }, logicalId) => {
        if (logicalId !== 'HealthRole') return;
        const policies = JSON.stringify(Properties.Policies);
        Properties.Policies = JSON.parse(policies.replace('s3:ListBucket', 's3:GetObject'));
      }),
  });
  const { response, text, body } = await getHealth();
  expect({ status: response.status, body }).toEqual({
    status: 503,
    body: {
      status: 'unavailable',
      checks: { table: fine, bucket: { ...fine, ok: false }, bus: fine },
    },
  });
  expect(text).not.toMatch(/arn:|splicebus|error|denied/i);
  const reasons = splicebus.logs.filter(({ line }) => line.includes('A check failed'));
  expect(reasons).toHaveLength(1);
  expect(JSON.parse(reasons[0]!.line)).toMatchObject({ level: 'ERROR', check: 'bucket' });
});
