import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyJsonPatch } from '../../../demo/kube/patches/json-patch.ts';
import {
  conditionPatch,
  cordonPatch,
  pointer,
  uncordonPatch,
  forgetCordonPatch,
  type JsonPatch,
} from '../../../src/k8s/nodes/json-patch.ts';
import { eventName } from '../../../src/k8s/nodes/record-event.ts';

const name = fc.stringMatching(/^[a-z0-9./~-]{1,20}$/);
const target = fc.record({ node: name, uid: fc.uuid(), bootId: fc.uuid() });
const annotations = fc.dictionary(name, fc.string(), { maxKeys: 3 });

const node = (at: { uid: string; bootId: string }, given: Readonly<Record<string, string>> | undefined) => ({
  metadata: {
    name: 'n',
    uid: at.uid,
    resourceVersion: '7',
    ...(given === undefined ? {} : { annotations: given }),
  },
  spec: {},
  status: { nodeInfo: { bootID: at.bootId } },
});
const apply = (object: unknown, patch: JsonPatch) => applyJsonPatch(object as never, patch as never);

describe('patches of Nodes', () => {
  it('cordon and uncordon leave everything else as it was', () => {
    fc.assert(
      fc.property(target, annotations, fc.boolean(), name, (at, given, has, owner) => {
        const before = node(at, has ? given : undefined);
        const cordoned = apply(before, cordonPatch({ target: at, owner, version: '7', annotated: has }));
        expect(cordoned).toMatchObject({
          spec: { unschedulable: true },
          metadata: { annotations: { 'tugboot.dev/cordoned-by': owner } },
        });
        const after = apply(cordoned, uncordonPatch(at, owner, '7'));
        expect(after).toEqual({
          ...before,
          metadata: { ...before.metadata, annotations: has ? given : {} },
          spec: { unschedulable: false },
        });
      }),
    );
  });

  it('are refused at every other boot and on every other machine', () => {
    fc.assert(
      fc.property(target, target, name, (at, other, owner) => {
        fc.pre(at.bootId !== other.bootId && at.uid !== other.uid);
        for (const wrong of [
          { ...at, bootId: other.bootId },
          { ...at, uid: other.uid },
        ]) {
          const cordoned = apply(
            node(at, {}),
            cordonPatch({ target: at, owner, version: '7', annotated: true }),
          );
          expect(() =>
            apply(node(at, {}), cordonPatch({ target: wrong, owner, version: '7', annotated: true })),
          ).toThrow();
          expect(() => apply(cordoned, uncordonPatch(wrong, owner, '7'))).toThrow();
          expect(() => apply(cordoned, forgetCordonPatch(wrong, owner, '7'))).toThrow();
          const place = 'first' as const;
          expect(() =>
            apply(node(at, {}), conditionPatch({ target: wrong, version: '7', place, condition: {} })),
          ).toThrow();
        }
      }),
    );
  });

  it('uncordon only for the owner of the cordon', () => {
    fc.assert(
      fc.property(target, name, name, (at, owner, other) => {
        fc.pre(owner !== other);
        const cordoned = apply(
          node(at, {}),
          cordonPatch({ target: at, owner, version: '7', annotated: true }),
        );
        expect(() => apply(cordoned, uncordonPatch(at, other, '7'))).toThrow();
      }),
    );
  });

  it('uncordon only what is as it was seen: somebody may have meant the cordon since', () => {
    const at = { node: 'n', uid: 'u', bootId: 'b' };
    const cordoned = apply(
      node(at, {}),
      cordonPatch({ target: at, owner: 'o', version: '7', annotated: true }),
    );
    expect(() => apply(cordoned, uncordonPatch(at, 'o', '6'))).toThrow();
    expect(() => apply(cordoned, forgetCordonPatch(at, 'o', '6'))).toThrow();
  });

  it('cordon only what nobody has written since it was read', () => {
    const at = { node: 'n', uid: 'u', bootId: 'b' };
    expect(() =>
      apply(node(at, {}), cordonPatch({ target: at, owner: 'o', version: '6', annotated: true })),
    ).toThrow();
  });

  it('escape the parts of a pointer', () => {
    expect(pointer('metadata', 'annotations', 'a/b~c')).toBe('/metadata/annotations/a~1b~0c');
  });
});

describe('the name of an Event', () => {
  it('is the same for the same key, another for another, and always a valid name', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?$/),
        fc.string(),
        fc.string(),
        (node, key, other) => {
          const made = eventName({ name: node }, { key });
          expect(made).toBe(eventName({ name: node }, { key }));
          expect(made).toMatch(/^[a-z0-9][a-z0-9.-]{0,251}[a-z0-9]$/);
          if (key !== other) expect(eventName({ name: node }, { key: other })).not.toBe(made);
        },
      ),
    );
  });
});
