/** Tests on real servers wait for disks, brokers and elections; Jest's default of five seconds is too short on a busy machine. */
jest.setTimeout(30_000);
