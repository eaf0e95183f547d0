/**
 * System calls that tests may not use, as a seccomp program: https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
 *
 * - New namespaces would give tests capabilities, file systems in memory and a part of the kernel that is known for faults.
 * - Shared memory and queues of the kernel (System V) would count for no process.
 * - Tests do not need the others, which containers usually refuse as well.
 */

const errno = { EPERM: 1, ENOSYS: 38 };
const forbidden = [
  'semget', 'msgget', 'setns', 'io_uring_setup', 'bpf', 'perf_event_open', 'userfaultfd', 'add_key', 'request_key', 'keyctl',
] as const; // prettier-ignore
type Name = (typeof forbidden)[number] | 'shmget' | 'clone' | 'unshare';

/** The kernel's name of an architecture, and its numbers of system calls. */
interface Architecture {
  audit: number;
  numbers: Record<Name, number>;
}

const architectures: Partial<Record<NodeJS.Architecture, Architecture>> = {
  x64: {
    audit: 0xc000003e,
    numbers: {
      shmget: 29, clone: 56, semget: 64, msgget: 68, add_key: 248, request_key: 249, keyctl: 250, unshare: 272,
      perf_event_open: 298, setns: 308, bpf: 321, userfaultfd: 323, io_uring_setup: 425,
    }, // prettier-ignore
  },
  arm64: {
    audit: 0xc00000b7,
    numbers: {
      unshare: 97, msgget: 186, semget: 190, shmget: 194, add_key: 217, request_key: 218, keyctl: 219, clone: 220,
      perf_event_open: 241, setns: 268, bpf: 280, userfaultfd: 282, io_uring_setup: 425,
    }, // prettier-ignore
  },
};
/** Has its flags in memory, which a filter cannot read. If it is not there, C libraries use `clone`. The same number everywhere. */
const clone3 = 435;
/** Set in the numbers of system calls of the x32 ABI. */
const x32 = 0x40000000;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const newNamespaces = 0x7e020000;
/** The largest segment of shared memory. PostgreSQL needs a few bytes; the kernel's 4,096 segments are 256 MB. */
const sharedBytes = 65_536;

/** Offsets in `struct seccomp_data`; arguments have 64 bits. */
const data = { number: 0, architecture: 4, argument: (index: number) => 16 + 8 * index };

/** Classic BPF, by its mnemonics: `[code, jumpIfTrue, jumpIfFalse, operand]`. */
type Instruction = readonly [code: number, jt: number, jf: number, k: number];
const load = (offset: number): Instruction => [0x20, 0, 0, offset];
const jumpIf = (test: 'equal' | 'greater' | 'atLeast' | 'anyBit', k: number, jt: number, jf: number): Instruction => [
  { equal: 0x15, greater: 0x25, atLeast: 0x35, anyBit: 0x45 }[test], jt, jf, k,
]; // prettier-ignore
const allow: Instruction = [0x06, 0, 0, 0x7fff0000];
const refuse = (error: number): Instruction => [0x06, 0, 0, 0x00050000 | error];

/** The program for this machine; undefined for an architecture without numbers above. */
export function syscallFilter(arch: NodeJS.Architecture = process.arch): Buffer | undefined {
  const architecture = architectures[arch];
  if (!architecture) return undefined;
  const { audit, numbers } = architecture;
  const refuseIf = (number: number, error: number) => [jumpIf('equal', number, 0, 1), refuse(error)];
  const refuseNamespaces = (number: number) => [
    jumpIf('equal', number, 0, 4),
    load(data.argument(0)),
    jumpIf('anyBit', newNamespaces, 0, 1),
    refuse(errno.EPERM),
    allow,
  ];
  return encode([
    load(data.architecture),
    jumpIf('equal', audit, 1, 0),
    refuse(errno.EPERM),
    load(data.number),
    ...(arch === 'x64' ? [jumpIf('atLeast', x32, 0, 1), refuse(errno.EPERM)] : []),
    ...refuseIf(clone3, errno.ENOSYS),
    ...forbidden.flatMap((name) => refuseIf(numbers[name], errno.EPERM)),
    ...refuseNamespaces(numbers.clone),
    ...refuseNamespaces(numbers.unshare),
    jumpIf('equal', numbers.shmget, 0, 6),
    load(data.argument(1) + 4),
    jumpIf('equal', 0, 0, 3),
    load(data.argument(1)),
    jumpIf('greater', sharedBytes, 1, 0),
    allow,
    refuse(errno.EPERM),
    allow,
  ]);
}

/** As an array of `struct sock_filter`, little-endian. */
function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(8 * program.length);
  program.forEach(([code, jt, jf, k], index) => {
    bytes.writeUInt16LE(code, 8 * index);
    bytes.writeUInt8(jt, 8 * index + 2);
    bytes.writeUInt8(jf, 8 * index + 3);
    bytes.writeUInt32LE(k, 8 * index + 4);
  });
  return bytes;
}
