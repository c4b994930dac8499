using Conformance;

await using var account = await Account.Open();
return await Scenarios.Run(args, sideBySide: 1, TimeSpan.FromSeconds(60), scenario => (Task)scenario.Invoke(null, [account])!);
