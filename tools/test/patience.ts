/** Tests on real servers wait for disks, brokers and elections: five seconds, Jest's own limit, are short on a busy machine. */
jest.setTimeout(30_000);
