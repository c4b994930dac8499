using Conformance;

return await Scenarios.Run(args, sideBySide: 16, TimeSpan.FromSeconds(110), async scenario =>
{
    await using var bus = new Bus();
    await (Task)scenario.Invoke(null, [bus])!;
});
