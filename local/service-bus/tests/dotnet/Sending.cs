using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace Conformance;

public static class Sending
{
    [Scenario]
    public static async Task DeliversAMessageWithAllItsProperties(Bus bus)
    {
        var queue = bus.Queue();
        var id = Guid.NewGuid();
        await bus.Client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("text")
        {
            MessageId = "id", CorrelationId = "correlation", ContentType = "text/plain", Subject = "subject",
            To = "to", ReplyTo = "reply", ReplyToSessionId = "reply-session", PartitionKey = "key",
            TimeToLive = TimeSpan.FromMinutes(1),
            ApplicationProperties =
            {
                ["int"] = 1, ["long"] = 2L, ["double"] = 1.5, ["bool"] = true, ["text"] = "x", ["guid"] = id,
                ["decimal"] = 1.25m, ["time"] = DateTimeOffset.UnixEpoch, ["span"] = TimeSpan.FromSeconds(3),
                ["uri"] = new Uri("https://example.com/"),
            },
        });
        var message = await bus.Client.CreateReceiver(queue).Next();
        Expect.Equal("text", message.Body.ToString(), "body");
        Expect.Equal("id", message.MessageId, "message id");
        Expect.Equal("correlation", message.CorrelationId, "correlation id");
        Expect.Equal("text/plain", message.ContentType, "content type");
        Expect.Equal("subject", message.Subject, "subject");
        Expect.Equal("to", message.To, "to");
        Expect.Equal("reply", message.ReplyTo, "reply to");
        Expect.Equal("reply-session", message.ReplyToSessionId, "reply to session");
        Expect.Equal("key", message.PartitionKey, "partition key");
        Expect.Equal(TimeSpan.FromMinutes(1), message.TimeToLive, "time to live");
        Expect.Equal(1, message.DeliveryCount, "delivery count");
        Expect.Equal(1L, message.SequenceNumber, "sequence number");
        Expect.Equal(id, (Guid)message.ApplicationProperties["guid"], "guid");
        Expect.Equal(1.25m, (decimal)message.ApplicationProperties["decimal"], "decimal");
        Expect.Equal(TimeSpan.FromSeconds(3), (TimeSpan)message.ApplicationProperties["span"], "time span");
        Expect.Equal(new Uri("https://example.com/"), (Uri)message.ApplicationProperties["uri"], "uri");
    }

    [Scenario]
    public static async Task ABatchTakesWhatFits(Bus bus)
    {
        var queue = bus.Queue();
        var sender = bus.Client.CreateSender(queue);
        using var batch = await sender.CreateMessageBatchAsync();
        Expect.Equal(262144L, batch.MaxSizeInBytes, "size of a batch");
        var count = 0;
        while (batch.TryAddMessage(new ServiceBusMessage(new byte[10_000]))) count++;
        Expect.True(count is > 20 and < 27, $"{count} messages fit");
        await sender.SendMessagesAsync(batch);
        Expect.Equal(count, (await bus.Client.CreateReceiver(queue).PeekMessagesAsync(100)).Count, "messages");
    }

    [Scenario]
    public static async Task ALargeMessageArrivesWhole(Bus bus)
    {
        var queue = bus.Queue();
        var body = new byte[250_000];
        Random.Shared.NextBytes(body);
        await bus.Client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage(body));
        Expect.True((await bus.Client.CreateReceiver(queue).Next()).Body.ToArray().SequenceEqual(body), "the body is another");
    }

    [Scenario]
    public static async Task AnOversizeMessageIsRefused(Bus bus)
    {
        var sender = bus.Client.CreateSender(bus.Queue());
        var error = await Expect.Throws<ServiceBusException>(() => sender.SendMessageAsync(new ServiceBusMessage(new byte[300_000])), "send");
        Expect.Equal(ServiceBusFailureReason.MessageSizeExceeded, error.Reason, "reason");
        await sender.SendMessageAsync(new ServiceBusMessage("the link still works"));
    }

    [Scenario]
    public static async Task ASenderWithoutEntityIsTold(Bus bus)
    {
        var error = await Expect.Throws<ServiceBusException>(() => bus.Client.CreateSender("nowhere").SendMessageAsync(new ServiceBusMessage("a")), "send");
        Expect.Equal(ServiceBusFailureReason.MessagingEntityNotFound, error.Reason, "reason");
    }

    [Scenario]
    public static async Task AScheduledMessageWaitsForItsTime(Bus bus)
    {
        var queue = bus.Queue();
        var at = DateTimeOffset.UtcNow.AddSeconds(2);
        await bus.Client.CreateSender(queue).ScheduleMessageAsync(new ServiceBusMessage("a"), at);
        var receiver = bus.Client.CreateReceiver(queue);
        Expect.Equal(ServiceBusMessageState.Scheduled, (await receiver.PeekMessageAsync()).State, "state");
        await receiver.Next();
        Expect.True(DateTimeOffset.UtcNow >= at.AddSeconds(-0.1), "the message came too early");
    }

    [Scenario]
    public static async Task MessagesScheduledForOneMomentKeepTheirOrder(Bus bus)
    {
        var queue = bus.Queue();
        var at = DateTimeOffset.UtcNow.AddSeconds(1);
        await bus.Client.CreateSender(queue).ScheduleMessagesAsync(Enumerable.Range(0, 10).Select(i => new ServiceBusMessage(i.ToString())), at);
        var receiver = bus.Client.CreateReceiver(queue);
        for (var i = 0; i < 10; i++) Expect.Equal(i.ToString(), (await receiver.Next()).Body.ToString(), "body");
    }

    [Scenario]
    public static async Task AScheduleIsCancelled(Bus bus)
    {
        var queue = bus.Queue();
        var sender = bus.Client.CreateSender(queue);
        var number = await sender.ScheduleMessageAsync(new ServiceBusMessage("a"), DateTimeOffset.UtcNow.AddMinutes(1));
        await sender.CancelScheduledMessageAsync(number);
        Expect.True(await bus.Client.CreateReceiver(queue).PeekMessageAsync() is null, "the queue is not empty");
        var error = await Expect.Throws<ServiceBusException>(() => sender.CancelScheduledMessageAsync(number), "cancel again");
        Expect.Equal(ServiceBusFailureReason.MessageNotFound, error.Reason, "reason");
    }

    [Scenario]
    public static async Task SeveralSchedulesAreCancelledAllOrNone(Bus bus)
    {
        var queue = bus.Queue();
        var sender = bus.Client.CreateSender(queue);
        var messages = new[] { "a", "b" }.Select(body => new ServiceBusMessage(body));
        var numbers = await sender.ScheduleMessagesAsync(messages, DateTimeOffset.UtcNow.AddMinutes(1));
        await Expect.Throws<ServiceBusException>(() => sender.CancelScheduledMessagesAsync([numbers[0], 4711]), "cancel one that is not there");
        Expect.Equal(2, (await bus.Client.CreateReceiver(queue).PeekMessagesAsync(10)).Count, "messages that stay");
        await sender.CancelScheduledMessagesAsync(numbers);
        Expect.True(await bus.Client.CreateReceiver(queue).PeekMessageAsync() is null, "the queue is not empty");
    }

    [Scenario]
    public static async Task DuplicatesAreDropped(Bus bus)
    {
        var queue = bus.Queue("unique");
        var sender = bus.Client.CreateSender(queue);
        for (var i = 0; i < 3; i++) await sender.SendMessageAsync(new ServiceBusMessage("a") { MessageId = "same" });
        Expect.Equal(1, (await bus.Client.CreateReceiver(queue).PeekMessagesAsync(10)).Count, "messages");
    }

    [Scenario]
    public static async Task ValueAndSequenceBodiesArrive(Bus bus)
    {
        var queue = bus.Queue();
        var message = new ServiceBusMessage();
        message.GetRawAmqpMessage().Body = Azure.Core.Amqp.AmqpMessageBody.FromValue(42L);
        await bus.Client.CreateSender(queue).SendMessageAsync(message);
        var received = await bus.Client.CreateReceiver(queue).Next();
        Expect.True(received.GetRawAmqpMessage().Body.TryGetValue(out var value) && value is 42L, "the value is another");
    }

    [Scenario]
    public static async Task ATopicCopiesToEachSubscription(Bus bus)
    {
        var topic = bus.Topic();
        await bus.Client.CreateSender(topic).SendMessageAsync(new ServiceBusMessage("a"));
        foreach (var subscription in new[] { "a", "b" })
        {
            var receiver = bus.Client.CreateReceiver(topic, subscription);
            await receiver.CompleteMessageAsync(await receiver.Next());
        }
    }

    [Scenario]
    public static async Task RulesSelectAndChangeMessages(Bus bus)
    {
        var topic = bus.Topic();
        var rules = bus.Client.CreateRuleManager(topic, "a");
        await rules.DeleteRuleAsync(RuleProperties.DefaultRuleName);
        await rules.CreateRuleAsync(new CreateRuleOptions("big",
            new SqlRuleFilter("size > 10 AND colour LIKE 'b%'"))
        { Action = new SqlRuleAction("SET size = size + 1") });
        await rules.CreateRuleAsync("label", new CorrelationRuleFilter
        { Subject = "paint", ApplicationProperties = { ["n"] = 5, ["long"] = 6L } });
        var found = new List<RuleProperties>();
        await foreach (var rule in rules.GetRulesAsync()) found.Add(rule);
        Expect.Sequence(["big", "label"], found.Select(r => r.Name).Order(), "names");
        var correlation = (CorrelationRuleFilter)found.Single(r => r.Name == "label").Filter;
        Expect.Equal<object>(5, correlation.ApplicationProperties["n"], "int of a filter");
        Expect.Equal<object>(6L, correlation.ApplicationProperties["long"], "long of a filter");
        var sender = bus.Client.CreateSender(topic);
        await sender.SendMessageAsync(new ServiceBusMessage("no") { ApplicationProperties = { ["size"] = 5, ["colour"] = "blue" } });
        await sender.SendMessageAsync(new ServiceBusMessage("sql") { ApplicationProperties = { ["size"] = 15, ["colour"] = "blue" } });
        await sender.SendMessageAsync(new ServiceBusMessage("correlation") { Subject = "paint", ApplicationProperties = { ["n"] = 5, ["long"] = 6L } });
        var receiver = bus.Client.CreateReceiver(topic, "a");
        var first = await receiver.Next();
        Expect.Equal("sql", first.Body.ToString(), "first");
        Expect.Equal("16", first.ApplicationProperties["size"].ToString(), "changed property");
        Expect.Equal("correlation", (await receiver.Next()).Body.ToString(), "second");
        await receiver.ExpectNothing();
    }
}
