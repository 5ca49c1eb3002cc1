import type { NodeReport, ReportedPackage } from '../../reboot/nodes/node-report.ts';
import { readDpkgVersions } from './dpkg-status.ts';
import { codeOf, locate, readBounded, type Located } from '../host/host-files.ts';
import { parsePackageNames, type PackageNames } from './package-list.ts';

export const remarkTopics = ['packages', 'versions', 'kernels', 'boot time'] as const;

/** A problem that is logged and does not prevent the report. */
export interface Remark {
  readonly topic: (typeof remarkTopics)[number];
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export const dpkgStatus = 'var/lib/dpkg/status';
/** A list of ten thousand packages has some 200 kB. */
const longestList = 1024 * 1024;

type Packages = Pick<NodeReport, 'packages' | 'packagesLeftOut'>;

/** The packages that require the reboot: the list beside the sentinel, with their versions from dpkg. */
export async function readPackages(root: string, sentinel: string, remarks: Remark[]): Promise<Packages> {
  const name = `${sentinel}.pkgs`;
  const remark: AddRemark = (message, fields = {}) =>
    remarks.push({ topic: 'packages', message, fields: { file: name, ...fields } });
  const found = await locate(root, name);
  // This is valid: snapd and older hooks create the sentinel only.
  if (found.kind === 'absent') remark('the sentinel names no packages: there is no package list');
  const list = found.kind === 'absent' ? noNames : await readNames(found, remark);
  return { packages: await withVersions(root, list.names, remarks), packagesLeftOut: list.leftOut };
}

type AddRemark = (message: string, fields?: Remark['fields']) => void;

const noNames: PackageNames = { names: [], leftOut: 0, invalidLines: 0 };

async function readNames(found: Located, remark: AddRemark): Promise<PackageNames> {
  if (found.kind !== 'found') {
    remark('the package list cannot be read', { why: reasonOf(found) });
    return noNames;
  }
  try {
    const content = await readBounded(found.path, longestList);
    if (content.kind === 'not-a-file') {
      remark('the package list is no file');
      return noNames;
    }
    const list = parsePackageNames(content.cut ? wholeLines(content.bytes) : content.bytes);
    remarkOn(list, content.cut, remark);
    return list;
  } catch (error) {
    remark('the package list cannot be read', { why: codeOf(error) });
    return noNames;
  }
}

function remarkOn(list: PackageNames, cut: boolean, remark: AddRemark): void {
  if (list.invalidLines > 0)
    remark('the package list holds lines that are no names', { lines: list.invalidLines });
  else if (cut) remark('the package list is too long; its beginning is reported', { bytes: longestList });
  else if (list.leftOut > 0) remark('more packages than a report holds', { left_out: list.leftOut });
  else if (list.names.length === 0) remark('the sentinel names no packages: the package list is empty');
}

/** Without the last line of the bytes read, which may be cut. */
const wholeLines = (bytes: Buffer): Buffer => bytes.subarray(0, Math.max(0, bytes.lastIndexOf('\n')));

const reasonOf = (found: Located): string =>
  found.kind === 'unreadable' ? found.code : 'the link leads nowhere';

async function withVersions(
  root: string,
  names: readonly string[],
  remarks: Remark[],
): Promise<readonly ReportedPackage[]> {
  const plain = names.map((name) => ({ name }));
  if (names.length === 0) return plain;
  const status = await locate(root, dpkgStatus);
  // A host without dpkg has no such file, and versions are optional.
  if (status.kind === 'absent') return plain;
  const remark = (why: string): number =>
    remarks.push({
      topic: 'versions',
      message: 'package versions cannot be read',
      fields: { file: dpkgStatus, why },
    });
  if (status.kind !== 'found') {
    remark(reasonOf(status));
    return plain;
  }
  try {
    const versions = await readDpkgVersions(status.path, names);
    return plain.map(({ name }) => {
      const version = versions.get(name);
      return version === undefined ? { name } : { name, version };
    });
  } catch (error) {
    remark(codeOf(error));
    return plain;
  }
}
