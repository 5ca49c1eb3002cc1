/** What the chart makes of each preset, held against the API of each version that it is for. */
import { describe, expect, it } from 'vitest';
import { onPath } from '../../demo/environment/queue-server.ts';
import { apiSchema } from '../charts/api-schema.ts';
import { helm } from '../charts/chart-helm.ts';
import { presets, valuesOf } from '../charts/presets.ts';
import { describeWith } from '../needs/describe-with.ts';

const versions = ['1.30', '1.31', '1.32', '1.33', '1.34', '1.35', '1.36', '1.37'];
const lack = onPath('go', process.env['PATH'] ?? '') === undefined ? 'there is no Go on PATH' : undefined;

/** Kinds of others, and that of our definitions, whose fields are in no module of client-go. */
const ofOthers =
  /^(apiextensions|security\.openshift|monitoring\.coreos|external-secrets)\.(k8s\.)?(io|com)\//;

const everything = {
  slack: { existingSecret: 'slack' },
  bot: { replicas: 2 },
  redis: { persistence: { enabled: true } },
  networkPolicy: { enabled: true },
  metrics: { dashboard: { enabled: true } },
  commonAnnotations: { 'example.com/owner': 'platform' },
};

describeWith('the objects of the chart', { lack }, () => {
  describe.each(versions)('in Kubernetes %s', (version) => {
    it('have the kinds and fields of that version, with every preset', async () => {
      const schema = await apiSchema(version);
      const all = [...presets].map(([name, preset]) => [name, valuesOf(preset)] as const);
      let judged = 0;
      for (const [name, values] of [...all, ['everything', everything] as const])
        for (const manifest of await helm().render(values)) {
          const { apiVersion, kind, metadata } = manifest;
          if (ofOthers.test(apiVersion)) continue;
          judged += 1;
          const shape = schema.kind(apiVersion, kind);
          const problems = shape ? schema.problems(manifest, shape, kind) : ['this version has no such kind'];
          expect([name, apiVersion, kind, metadata.name, problems]).toEqual([
            name,
            apiVersion,
            kind,
            metadata.name,
            [],
          ]);
        }
      expect(judged).toBeGreaterThan(250);
      const daemons = schema.kind('apps/v1', 'DaemonSet');
      const wrong = { spec: { template: { spec: { containers: [{ imagePull: 'x', tty: 'yes' }] } } } };
      expect(daemons && schema.problems(wrong, daemons, 'DaemonSet')).toEqual([
        'DaemonSet.spec.template.spec.containers[0].imagePull is unknown',
        'DaemonSet.spec.template.spec.containers[0].tty is a string',
      ]);
    });
  });
});
