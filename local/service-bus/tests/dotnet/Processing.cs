using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;

namespace Conformance;

public static class Processing
{
    static async Task Run(ServiceBusProcessor processor, Func<ProcessMessageEventArgs, Task> handle, Func<bool> done)
    {
        var errors = new ConcurrentQueue<Exception>();
        processor.ProcessMessageAsync += handle;
        processor.ProcessErrorAsync += args => { errors.Enqueue(args.Exception); return Task.CompletedTask; };
        await processor.StartProcessingAsync();
        await Expect.Eventually(() => Task.FromResult(done()), "the processor's work");
        await processor.StopProcessingAsync();
        await processor.CloseAsync();
        Expect.True(errors.IsEmpty, errors.FirstOrDefault()?.ToString() ?? "");
    }

    [Scenario]
    public static async Task AProcessorCompletesWhatItHandles(Bus bus)
    {
        var queue = bus.Queue();
        await bus.Client.CreateSender(queue).SendMessagesAsync(Enumerable.Range(0, 50).Select(i => new ServiceBusMessage(i.ToString())));
        var seen = new ConcurrentDictionary<string, int>();
        await Run(bus.Client.CreateProcessor(queue, new ServiceBusProcessorOptions { MaxConcurrentCalls = 5 }),
            args => { seen[args.Message.Body.ToString()] = 1; return Task.CompletedTask; }, () => seen.Count == 50);
        await bus.Client.CreateReceiver(queue).ExpectNothing();
    }

    [Scenario]
    public static async Task AProcessorTakesMoreAtOnceWhenItIsTold(Bus bus)
    {
        var queue = bus.Queue();
        await bus.Client.CreateSender(queue).SendMessagesAsync(Enumerable.Range(0, 6).Select(i => new ServiceBusMessage(i.ToString())));
        var atOnce = 0;
        var release = new TaskCompletionSource();
        var processor = bus.Client.CreateProcessor(queue, new ServiceBusProcessorOptions { MaxConcurrentCalls = 1 });
        processor.ProcessMessageAsync += _ => { Interlocked.Increment(ref atOnce); return release.Task; };
        processor.ProcessErrorAsync += _ => Task.CompletedTask;
        await processor.StartProcessingAsync();
        await Expect.Eventually(() => Task.FromResult(atOnce == 1), "the first");
        processor.UpdateConcurrency(6);
        processor.UpdatePrefetchCount(6);
        await Expect.Eventually(() => Task.FromResult(atOnce == 6), "six at once");
        release.SetResult();
        await processor.CloseAsync();
        Expect.True(await bus.Client.CreateReceiver(queue).PeekMessageAsync() is null, "the queue is not empty");
    }

    [Scenario]
    public static async Task AProcessorAbandonsWhatFails(Bus bus)
    {
        var queue = bus.Queue();
        await bus.Client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("a"));
        var counts = new ConcurrentQueue<int>();
        var processor = bus.Client.CreateProcessor(queue);
        processor.ProcessMessageAsync += args =>
        {
            counts.Enqueue(args.Message.DeliveryCount);
            return counts.Count < 3 ? throw new InvalidOperationException("on purpose") : Task.CompletedTask;
        };
        processor.ProcessErrorAsync += _ => Task.CompletedTask;
        await processor.StartProcessingAsync();
        await Expect.Eventually(() => Task.FromResult(counts.Count == 3), "three deliveries");
        await processor.CloseAsync();
        Expect.Sequence([1, 2, 3], counts, "delivery counts");
    }

    [Scenario]
    public static async Task AProcessorRenewsLocks(Bus bus)
    {
        var queue = bus.Queue("short");
        await bus.Client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("a"));
        var deliveries = 0;
        var handled = false;
        await Run(bus.Client.CreateProcessor(queue, new ServiceBusProcessorOptions { MaxAutoLockRenewalDuration = TimeSpan.FromMinutes(1) }),
            async _ => { deliveries++; await Task.Delay(7000); handled = true; }, () => handled);
        Expect.Equal(1, deliveries, "deliveries");
        await bus.Client.CreateReceiver(queue).ExpectNothing();
    }

    [Scenario]
    public static async Task AProcessorPrefetches(Bus bus)
    {
        var queue = bus.Queue();
        await bus.Client.CreateSender(queue).SendMessagesAsync(Enumerable.Range(0, 300).Select(i => new ServiceBusMessage(i.ToString())));
        var seen = new ConcurrentDictionary<string, int>();
        await Run(bus.Client.CreateProcessor(queue, new ServiceBusProcessorOptions { PrefetchCount = 100, MaxConcurrentCalls = 10 }),
            args => { seen[args.Message.Body.ToString()] = 1; return Task.CompletedTask; }, () => seen.Count == 300);
    }

    [Scenario]
    public static async Task AProcessorDeletesAsItReceives(Bus bus)
    {
        var queue = bus.Queue();
        await bus.Client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("a"));
        var seen = 0;
        await Run(bus.Client.CreateProcessor(queue, new ServiceBusProcessorOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete }),
            _ => { Interlocked.Increment(ref seen); return Task.CompletedTask; }, () => seen == 1);
    }

    [Scenario]
    public static async Task AProcessorReadsASubscription(Bus bus)
    {
        var topic = bus.Topic();
        await bus.Client.CreateSender(topic).SendMessageAsync(new ServiceBusMessage("a"));
        var seen = 0;
        await Run(bus.Client.CreateProcessor(topic, "a"), _ => { Interlocked.Increment(ref seen); return Task.CompletedTask; }, () => seen == 1);
    }

    [Scenario]
    public static async Task ASessionProcessorHandlesEachSessionInOrder(Bus bus)
    {
        var queue = bus.Queue("sessions");
        var sender = bus.Client.CreateSender(queue);
        await sender.SendMessagesAsync(Enumerable.Range(0, 40).Select(i => new ServiceBusMessage(i.ToString()) { SessionId = $"s{i % 4}" }));
        var seen = new ConcurrentDictionary<string, ConcurrentQueue<int>>();
        var processor = bus.Client.CreateSessionProcessor(queue, new ServiceBusSessionProcessorOptions { MaxConcurrentSessions = 4, SessionIdleTimeout = TimeSpan.FromSeconds(1) });
        processor.ProcessMessageAsync += args =>
        {
            seen.GetOrAdd(args.SessionId, _ => new()).Enqueue(int.Parse(args.Message.Body.ToString()));
            return Task.CompletedTask;
        };
        processor.ProcessErrorAsync += _ => Task.CompletedTask;
        await processor.StartProcessingAsync();
        await Expect.Eventually(() => Task.FromResult(seen.Values.Sum(q => q.Count) == 40), "all messages");
        await processor.CloseAsync();
        foreach (var each in seen.Values) Expect.Sequence(each.Order(), each, "order in a session");
    }
}
