using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace Conformance;

/// <summary>
/// The administration API. What it expects is what Azure.Messaging.ServiceBus reads (its `*Extensions.ParseResponseAsync`)
/// and what Microsoft's REST reference says.
/// </summary>
public static class Administration
{
    static ServiceBusAdministrationClient Client { get; } = new(Bus.AdministrationConnectionString);

    static string Fresh(string kind) => $"{kind}-{Guid.NewGuid():N}";

    static async Task<(string Topic, string Subscription)> Subscription(params CreateRuleOptions[] rules)
    {
        var topic = Fresh("topic");
        await Client.CreateTopicAsync(topic);
        if (rules.Length == 0) await Client.CreateSubscriptionAsync(topic, "s");
        else await Client.CreateSubscriptionAsync(new CreateSubscriptionOptions(topic, "s"), rules[0]);
        foreach (var rule in rules.Skip(1)) await Client.CreateRuleAsync(topic, "s", rule);
        return (topic, "s");
    }

    static async Task<List<T>> All<T>(IAsyncEnumerable<T> pages) where T : notnull
    {
        var all = new List<T>();
        await foreach (var each in pages) all.Add(each);
        return all;
    }

    static async Task<List<ServiceBusReceivedMessage>> Peek(Bus bus, string topic, string subscription = "s") =>
        [.. await bus.Client.CreateReceiver(topic, subscription).PeekMessagesAsync(100, 1)];

    static ServiceBusMessage With(string body, params (string Name, object Value)[] properties)
    {
        var message = new ServiceBusMessage(body);
        foreach (var (name, value) in properties) message.ApplicationProperties[name] = value;
        return message;
    }

    // ── Queues ───────────────────────────────────────────────────────────────────────────────────────────────────────

    [Scenario]
    public static async Task CreatesAQueueWithTheDefaultsOfTheService(Bus bus)
    {
        var name = Fresh("queue");
        QueueProperties queue = await Client.CreateQueueAsync(name);
        Expect.Equal(name, queue.Name, "name");
        Expect.Equal(TimeSpan.FromMinutes(1), queue.LockDuration, "lock duration");
        Expect.Equal(10, queue.MaxDeliveryCount, "maximum delivery count");
        Expect.Equal(1024L, queue.MaxSizeInMegabytes, "size");
        Expect.Equal(TimeSpan.MaxValue, queue.DefaultMessageTimeToLive, "time to live");
        Expect.Equal(TimeSpan.MaxValue, queue.AutoDeleteOnIdle, "auto delete on idle");
        Expect.Equal(EntityStatus.Active, queue.Status, "status");
        Expect.True(queue.EnableBatchedOperations, "batched operations");
        Expect.True(!queue.RequiresSession && !queue.RequiresDuplicateDetection, "sessions and duplicate detection are off");
        Expect.True(queue.ForwardTo is null && queue.ForwardDeadLetteredMessagesTo is null, "nothing is forwarded");
    }

    [Scenario]
    public static async Task KeepsEveryPropertyOfAQueue(Bus bus)
    {
        var target = Fresh("queue");
        await Client.CreateQueueAsync(target);
        var options = new CreateQueueOptions(Fresh("queue"))
        {
            LockDuration = TimeSpan.FromSeconds(45), MaxDeliveryCount = 8, MaxSizeInMegabytes = 2048,
            DefaultMessageTimeToLive = TimeSpan.FromHours(2.5), AutoDeleteOnIdle = TimeSpan.FromHours(1),
            RequiresDuplicateDetection = true, DuplicateDetectionHistoryTimeWindow = TimeSpan.FromMinutes(2),
            DeadLetteringOnMessageExpiration = true, ForwardDeadLetteredMessagesTo = target, RequiresSession = true,
            UserMetadata = "a <b> & 'c'", EnableBatchedOperations = false, Status = EntityStatus.SendDisabled,
        };
        await Client.CreateQueueAsync(options);
        QueueProperties queue = await Client.GetQueueAsync(options.Name);
        Expect.Equal(options.LockDuration, queue.LockDuration, "lock duration");
        Expect.Equal(options.MaxDeliveryCount, queue.MaxDeliveryCount, "maximum delivery count");
        Expect.Equal(options.MaxSizeInMegabytes, queue.MaxSizeInMegabytes, "size");
        Expect.Equal(options.DefaultMessageTimeToLive, queue.DefaultMessageTimeToLive, "time to live");
        Expect.Equal(options.AutoDeleteOnIdle, queue.AutoDeleteOnIdle, "auto delete on idle");
        Expect.Equal(options.DuplicateDetectionHistoryTimeWindow, queue.DuplicateDetectionHistoryTimeWindow, "window");
        Expect.True(queue.DeadLetteringOnMessageExpiration, "dead-lettering on expiration");
        Expect.True(queue.ForwardDeadLetteredMessagesTo.EndsWith($"/{target}"), "forwarding of dead letters");
        Expect.True(queue.RequiresSession && queue.RequiresDuplicateDetection, "sessions and duplicate detection");
        Expect.Equal(options.UserMetadata, queue.UserMetadata, "metadata");
        Expect.True(!queue.EnableBatchedOperations, "batched operations");
        Expect.Equal(EntityStatus.SendDisabled, queue.Status, "status");
    }

    [Scenario]
    public static async Task UpdatesAQueueFromWhatItRead(Bus bus)
    {
        var name = Fresh("queue");
        QueueProperties queue = await Client.CreateQueueAsync(name);
        queue.MaxDeliveryCount = 1;
        queue.DefaultMessageTimeToLive = TimeSpan.FromDays(1);
        QueueProperties updated = await Client.UpdateQueueAsync(queue);
        Expect.Equal(1, updated.MaxDeliveryCount, "maximum delivery count");
        Expect.Equal(TimeSpan.FromDays(1), ((QueueProperties)await Client.GetQueueAsync(name)).DefaultMessageTimeToLive, "time to live");
        await bus.Client.CreateSender(name).SendMessageAsync(new ServiceBusMessage("x"));
        var receiver = bus.Client.CreateReceiver(name);
        await receiver.AbandonMessageAsync(await receiver.Next());
        var dead = bus.Client.CreateReceiver(name, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        Expect.Equal("MaxDeliveryCountExceeded", (await dead.Next()).DeadLetterReason, "reason");
    }

    [Scenario]
    public static async Task CountsTheMessagesOfAQueue(Bus bus)
    {
        var name = Fresh("queue");
        await Client.CreateQueueAsync(name);
        var sender = bus.Client.CreateSender(name);
        await sender.SendMessagesAsync([new ServiceBusMessage("1"), new ServiceBusMessage("2"), new ServiceBusMessage("3")]);
        await sender.ScheduleMessageAsync(new ServiceBusMessage("later"), DateTimeOffset.UtcNow.AddHours(1));
        var receiver = bus.Client.CreateReceiver(name);
        await receiver.DeadLetterMessageAsync(await receiver.Next(), "why");
        QueueRuntimeProperties runtime = await Client.GetQueueRuntimePropertiesAsync(name);
        Expect.Equal(2L, runtime.ActiveMessageCount, "active");
        Expect.Equal(1L, runtime.DeadLetterMessageCount, "dead letters");
        Expect.Equal(1L, runtime.ScheduledMessageCount, "scheduled");
        Expect.Equal(4L, runtime.TotalMessageCount, "total");
        Expect.True(runtime.SizeInBytes > 0, "size");
        Expect.True(DateTimeOffset.UtcNow - runtime.CreatedAt < TimeSpan.FromMinutes(10), "created just now");
        Expect.True(runtime.AccessedAt >= runtime.CreatedAt, "accessed since");
    }

    [Scenario]
    public static async Task TellsWhetherEntitiesExist(Bus bus)
    {
        var (topic, subscription) = await Subscription();
        Expect.True(await Client.TopicExistsAsync(topic), "the topic exists");
        Expect.True(await Client.SubscriptionExistsAsync(topic, subscription), "the subscription exists");
        Expect.True(await Client.RuleExistsAsync(topic, subscription, "$Default"), "the rule exists");
        Expect.True(!await Client.QueueExistsAsync(topic), "a topic is not a queue");
        Expect.True(!await Client.QueueExistsAsync(Fresh("nowhere")), "no queue");
        Expect.True(!await Client.SubscriptionExistsAsync(topic, "nobody"), "no subscription");
        Expect.True(!await Client.RuleExistsAsync(topic, subscription, "none"), "no rule");
    }

    [Scenario]
    public static async Task RefusesASecondEntityOfOneName(Bus bus)
    {
        var name = Fresh("queue");
        await Client.CreateQueueAsync(name);
        foreach (var attempt in new Func<Task>[] { () => Client.CreateQueueAsync(name.ToUpperInvariant()), () => Client.CreateTopicAsync(name) })
        {
            var error = await Expect.Throws<ServiceBusException>(attempt, "a name that is taken");
            Expect.Equal(ServiceBusFailureReason.MessagingEntityAlreadyExists, error.Reason, "reason");
        }
    }

    [Scenario]
    public static async Task DoesNotFindWhatIsNotThere(Bus bus)
    {
        var (topic, _) = await Subscription();
        var nowhere = Fresh("nowhere");
        foreach (var attempt in new Func<Task>[]
        {
            () => Client.GetQueueAsync(nowhere), () => Client.GetQueueRuntimePropertiesAsync(nowhere),
            () => Client.DeleteQueueAsync(nowhere), () => Client.GetTopicAsync(nowhere), () => Client.DeleteTopicAsync(nowhere),
            () => Client.GetSubscriptionAsync(topic, nowhere), () => Client.DeleteSubscriptionAsync(topic, nowhere),
            () => Client.CreateSubscriptionAsync(nowhere, "s"), () => Client.GetRuleAsync(topic, "s", "none"),
            () => Client.DeleteRuleAsync(topic, "s", "none"),
        })
        {
            var error = await Expect.Throws<ServiceBusException>(attempt, "something that is not there");
            Expect.Equal(ServiceBusFailureReason.MessagingEntityNotFound, error.Reason, "reason");
        }
    }

    [Scenario]
    public static async Task RefusesValuesThatTheServiceRefuses(Bus bus)
    {
        var forwarded = new CreateQueueOptions(Fresh("queue")) { ForwardTo = Fresh("nowhere") };
        await Expect.Throws<ArgumentException>(() => Client.CreateQueueAsync(forwarded), "a target that is not there");
        var (first, second) = (Fresh("queue"), Fresh("queue"));
        QueueProperties queue = await Client.CreateQueueAsync(first);
        await Client.CreateQueueAsync(new CreateQueueOptions(second) { ForwardTo = first });
        queue.ForwardTo = second;
        await Expect.Throws<ArgumentException>(() => Client.UpdateQueueAsync(queue), "queues that forward to each other");
    }

    [Scenario]
    public static async Task DeletesAQueueUnderItsReceiver(Bus bus)
    {
        var name = Fresh("queue");
        await Client.CreateQueueAsync(name);
        var receiver = bus.Client.CreateReceiver(name);
        await bus.Client.CreateSender(name).SendMessageAsync(new ServiceBusMessage("x"));
        await receiver.CompleteMessageAsync(await receiver.Next());
        var waiting = receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(20));
        await Client.DeleteQueueAsync(name);
        var error = await Expect.Throws<ServiceBusException>(async () =>
        {
            await waiting;
            await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(5));
        }, "receiving from a deleted queue");
        Expect.Equal(ServiceBusFailureReason.MessagingEntityNotFound, error.Reason, "reason");
    }

    [Scenario]
    public static async Task AQueueThatIsMadeAnewIsEmpty(Bus bus)
    {
        var name = Fresh("queue");
        await Client.CreateQueueAsync(name);
        await bus.Client.CreateSender(name).SendMessageAsync(new ServiceBusMessage("old"));
        await Client.DeleteQueueAsync(name);
        await Client.CreateQueueAsync(name);
        await using var client = new ServiceBusClient(Bus.ConnectionString);
        await client.CreateSender(name).SendMessageAsync(new ServiceBusMessage("new"));
        Expect.Equal("new", (await client.CreateReceiver(name).Next()).Body.ToString(), "the only message");
    }

    [Scenario]
    public static async Task ADisabledQueueRefusesSenders(Bus bus)
    {
        QueueProperties queue = await Client.CreateQueueAsync(Fresh("queue"));
        queue.Status = EntityStatus.SendDisabled;
        queue = await Client.UpdateQueueAsync(queue);
        Expect.Equal(EntityStatus.SendDisabled, queue.Status, "status");
        var error = await Expect.Throws<ServiceBusException>(
            () => bus.Client.CreateSender(queue.Name).SendMessageAsync(new ServiceBusMessage("x")), "sending");
        Expect.Equal(ServiceBusFailureReason.MessagingEntityDisabled, error.Reason, "reason");
        queue.Status = EntityStatus.Active;
        await Client.UpdateQueueAsync(queue);
        await bus.Client.CreateSender(queue.Name).SendMessageAsync(new ServiceBusMessage("x"));
    }

    [Scenario]
    public static async Task ListsQueuesPageByPage(Bus bus)
    {
        var names = Enumerable.Range(0, 5).Select(_ => Fresh("paged")).ToList();
        foreach (var name in names) await Client.CreateQueueAsync(name);
        var queues = await All(Client.GetQueuesAsync());
        Expect.True(queues.Count > 100, "there are more queues than fit on a page");
        Expect.Equal(queues.Count, queues.Select(queue => queue.Name).Distinct().Count(), "each is listed once");
        Expect.True(names.All(name => queues.Any(queue => queue.Name == name)), "all are listed");
        var runtime = await All(Client.GetQueuesRuntimePropertiesAsync());
        Expect.True(names.All(name => runtime.Any(queue => queue.Name == name)), "all have runtime properties");
    }

    // ── Topics and subscriptions ─────────────────────────────────────────────────────────────────────────────────────

    [Scenario]
    public static async Task CreatesReadsAndUpdatesATopic(Bus bus)
    {
        var options = new CreateTopicOptions(Fresh("topic"))
        {
            DefaultMessageTimeToLive = TimeSpan.FromHours(3), UserMetadata = "m", MaxSizeInMegabytes = 3072,
            RequiresDuplicateDetection = true, SupportOrdering = true, AutoDeleteOnIdle = TimeSpan.FromHours(8),
        };
        await Client.CreateTopicAsync(options);
        TopicProperties topic = await Client.GetTopicAsync(options.Name);
        Expect.Equal(options.DefaultMessageTimeToLive, topic.DefaultMessageTimeToLive, "time to live");
        Expect.Equal(options.UserMetadata, topic.UserMetadata, "metadata");
        Expect.Equal(3072L, topic.MaxSizeInMegabytes, "size");
        Expect.Equal(options.AutoDeleteOnIdle, topic.AutoDeleteOnIdle, "auto delete on idle");
        Expect.True(topic.RequiresDuplicateDetection && topic.SupportOrdering, "duplicate detection and ordering");
        topic.UserMetadata = "n";
        Expect.Equal("n", ((TopicProperties)await Client.UpdateTopicAsync(topic)).UserMetadata, "updated metadata");
        await Client.CreateSubscriptionAsync(options.Name, "s");
        TopicRuntimeProperties runtime = await Client.GetTopicRuntimePropertiesAsync(options.Name);
        Expect.Equal(1, runtime.SubscriptionCount, "subscriptions");
        Expect.True((await All(Client.GetTopicsAsync())).Any(each => each.Name == options.Name), "it is listed");
        var listed = await All(Client.GetTopicsRuntimePropertiesAsync());
        Expect.Equal(runtime.SubscriptionCount, listed.Single(each => each.Name == options.Name).SubscriptionCount, "subscriptions, listed");
    }

    [Scenario]
    public static async Task CreatesReadsAndUpdatesASubscription(Bus bus)
    {
        var topic = Fresh("topic");
        var target = Fresh("queue");
        await Client.CreateTopicAsync(topic);
        await Client.CreateQueueAsync(target);
        await Client.CreateSubscriptionAsync(new CreateSubscriptionOptions(topic, "s")
        {
            LockDuration = TimeSpan.FromSeconds(20), MaxDeliveryCount = 4, UserMetadata = "m", ForwardTo = target,
            EnableDeadLetteringOnFilterEvaluationExceptions = false, DeadLetteringOnMessageExpiration = true,
        });
        SubscriptionProperties subscription = await Client.GetSubscriptionAsync(topic, "s");
        Expect.Equal("s", subscription.SubscriptionName, "name");
        Expect.Equal(topic, subscription.TopicName, "topic");
        Expect.Equal(TimeSpan.FromSeconds(20), subscription.LockDuration, "lock duration");
        Expect.Equal(4, subscription.MaxDeliveryCount, "maximum delivery count");
        Expect.True(subscription.ForwardTo.EndsWith($"/{target}"), "forwarding");
        Expect.True(!subscription.EnableDeadLetteringOnFilterEvaluationExceptions, "filter errors");
        await bus.Client.CreateSender(topic).SendMessageAsync(new ServiceBusMessage("x"));
        Expect.Equal("x", (await bus.Client.CreateReceiver(target).Next()).Body.ToString(), "the forwarded message");
        subscription.ForwardTo = null;
        subscription = await Client.UpdateSubscriptionAsync(subscription);
        Expect.True(subscription.ForwardTo is null, "forwarding has ended");
        await bus.Client.CreateSender(topic).SendMessageAsync(new ServiceBusMessage("y"));
        SubscriptionRuntimeProperties runtime = await Client.GetSubscriptionRuntimePropertiesAsync(topic, "s");
        Expect.Equal(1L, runtime.ActiveMessageCount, "active");
        Expect.Equal("s", (await All(Client.GetSubscriptionsRuntimePropertiesAsync(topic))).Single().SubscriptionName, "listed");
    }

    [Scenario]
    public static async Task DeletingATopicDeletesItsSubscriptions(Bus bus)
    {
        var (topic, subscription) = await Subscription();
        await Client.DeleteTopicAsync(topic);
        Expect.True(!await Client.SubscriptionExistsAsync(topic, subscription), "the subscription is gone");
        await Client.CreateTopicAsync(topic);
        Expect.Equal(0, (await All(Client.GetSubscriptionsAsync(topic))).Count, "subscriptions of the new topic");
    }

    [Scenario]
    public static async Task ListsSubscriptionsByName(Bus bus)
    {
        var topic = Fresh("topic");
        await Client.CreateTopicAsync(topic);
        foreach (var name in new[] { "c", "a", "b" }) await Client.CreateSubscriptionAsync(topic, name);
        var subscriptions = await All(Client.GetSubscriptionsAsync(topic));
        Expect.Sequence(["a", "b", "c"], subscriptions.Select(each => each.SubscriptionName), "names");
        await Client.DeleteSubscriptionAsync(topic, "b");
        Expect.Equal(2, (await All(Client.GetSubscriptionsAsync(topic))).Count, "after a deletion");
    }

    // ── Rules ────────────────────────────────────────────────────────────────────────────────────────────────────────

    [Scenario]
    public static async Task ANewSubscriptionHasARuleThatTakesEverything(Bus bus)
    {
        var (topic, subscription) = await Subscription();
        RuleProperties rule = await Client.GetRuleAsync(topic, subscription, RuleProperties.DefaultRuleName);
        Expect.Equal(RuleProperties.DefaultRuleName, rule.Name, "name");
        Expect.True(rule.Filter is TrueRuleFilter, $"its filter is a {rule.Filter.GetType().Name}");
        Expect.True(rule.Action is null, "it has no action");
    }

    [Scenario]
    public static async Task FiltersThatTakeNothingTakeNothing(Bus bus)
    {
        var (topic, _) = await Subscription(new CreateRuleOptions("none", new FalseRuleFilter()));
        await bus.Client.CreateSender(topic).SendMessageAsync(new ServiceBusMessage("x"));
        Expect.Equal(0, (await Peek(bus, topic)).Count, "messages");
        Expect.True(((RuleProperties)await Client.GetRuleAsync(topic, "s", "none")).Filter is FalseRuleFilter, "type of the filter");
    }

    [Scenario]
    public static async Task CorrelationFiltersKeepTheTypesOfTheirValues(Bus bus)
    {
        var at = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        var filter = new CorrelationRuleFilter
        {
            CorrelationId = "c", MessageId = "m", To = "t", ReplyTo = "r", Subject = "s", SessionId = "g",
            ReplyToSessionId = "rg", ContentType = "text/plain",
            ApplicationProperties =
            {
                ["int"] = 5, ["long"] = 5_000_000_000L, ["double"] = 2.5, ["bool"] = true, ["text"] = "a & b",
                ["time"] = at, ["span"] = TimeSpan.FromSeconds(90),
            },
        };
        var (topic, _) = await Subscription(new CreateRuleOptions("r", filter));
        var read = (CorrelationRuleFilter)((RuleProperties)await Client.GetRuleAsync(topic, "s", "r")).Filter;
        Expect.Equal("c/m/t/r/s/g/rg/text/plain", string.Join('/', read.CorrelationId, read.MessageId, read.To, read.ReplyTo,
            read.Subject, read.SessionId, read.ReplyToSessionId, read.ContentType), "system properties");
        foreach (var (name, value) in filter.ApplicationProperties)
        {
            Expect.Equal(value.GetType(), read.ApplicationProperties[name].GetType(), $"type of {name}");
            Expect.Equal(value, read.ApplicationProperties[name], name);
        }
    }

    [Scenario]
    public static async Task CorrelationFiltersCompareEveryProperty(Bus bus)
    {
        var filter = new CorrelationRuleFilter { Subject = "order", ApplicationProperties = { ["size"] = 5, ["at"] = DateTime.UnixEpoch } };
        var (topic, _) = await Subscription(new CreateRuleOptions("r", filter));
        var sender = bus.Client.CreateSender(topic);
        var match = With("match", ("size", 5), ("at", DateTime.UnixEpoch));
        var other = With("other", ("size", 6), ("at", DateTime.UnixEpoch));
        match.Subject = other.Subject = "order";
        await sender.SendMessagesAsync([match, other, With("no subject", ("size", 5), ("at", DateTime.UnixEpoch))]);
        Expect.Sequence(["match"], (await Peek(bus, topic)).Select(message => message.Body.ToString()), "messages");
    }

    [Scenario]
    public static async Task SqlFiltersSelectByPropertiesOfBothScopes(Bus bus)
    {
        var (topic, _) = await Subscription(new CreateRuleOptions(
            "r", new SqlRuleFilter("sys.Label LIKE 'ord%' AND missing IS NULL AND size * 2 > 9 AND colour IN ('red', 'blue')")));
        var sender = bus.Client.CreateSender(topic);
        ServiceBusMessage Message(string body, string subject, int size, string colour)
        {
            var message = With(body, ("size", size), ("colour", colour));
            message.Subject = subject;
            return message;
        }
        await sender.SendMessagesAsync([
            Message("1", "order", 5, "red"), Message("2", "order", 4, "red"), Message("3", "other", 5, "red"),
            Message("4", "orders", 50, "green"), Message("5", "orders", 50, "blue"),
        ]);
        Expect.Sequence(["1", "5"], (await Peek(bus, topic)).Select(message => message.Body.ToString()), "messages");
    }

    [Scenario]
    public static async Task SqlFiltersTakeParameters(Bus bus)
    {
        var filter = new SqlRuleFilter("colour = @colour AND size >= @least") { Parameters = { ["@colour"] = "red", ["@least"] = 5L } };
        var (topic, _) = await Subscription(new CreateRuleOptions("r", filter));
        var read = (SqlRuleFilter)((RuleProperties)await Client.GetRuleAsync(topic, "s", "r")).Filter;
        Expect.Equal(filter.SqlExpression, read.SqlExpression, "expression");
        Expect.Equal<object>(5L, read.Parameters["@least"], "parameter");
        await bus.Client.CreateSender(topic).SendMessagesAsync([
            With("1", ("colour", "red"), ("size", 5)), With("2", ("colour", "red"), ("size", 4)), With("3", ("colour", "blue"), ("size", 5)),
        ]);
        Expect.Sequence(["1"], (await Peek(bus, topic)).Select(message => message.Body.ToString()), "messages");
    }

    [Scenario]
    public static async Task ActionsChangeTheCopyThatTheirRuleLetsThrough(Bus bus)
    {
        var (topic, _) = await Subscription(
            new CreateRuleOptions("plain", new SqlRuleFilter("size = 1")),
            new CreateRuleOptions("changed", new SqlRuleFilter("size < 3"))
            {
                Action = new SqlRuleAction("SET total = size + 10; SET sys.Label = 'changed by ' + who; SET copy = id; REMOVE secret"),
            });
        var id = Guid.NewGuid();
        await bus.Client.CreateSender(topic).SendMessagesAsync([
            With("1", ("size", 1), ("who", "me"), ("secret", "x"), ("id", id)),
            With("2", ("size", 2), ("who", "you"), ("secret", "x"), ("id", id)),
            With("3", ("size", 3)),
        ]);
        var messages = await Peek(bus, topic);
        var changed = messages.Where(message => message.ApplicationProperties.ContainsKey("RuleName")).ToList();
        Expect.Sequence(["1", "2"], changed.Select(message => message.Body.ToString()), "changed copies");
        Expect.Equal(3, messages.Count, "copies");
        Expect.Equal("changed by you", changed[1].Subject, "subject");
        Expect.Equal<object>(12L, changed[1].ApplicationProperties["total"], "sum");
        Expect.Equal<object>(id, changed[1].ApplicationProperties["copy"], "copied property");
        Expect.True(!changed[1].ApplicationProperties.ContainsKey("secret"), "the removed property is gone");
        var plain = messages.Single(message => !message.ApplicationProperties.ContainsKey("RuleName"));
        Expect.Equal<object>("x", plain.ApplicationProperties["secret"], "the other copy is as it was");
        var action = (SqlRuleAction)((RuleProperties)await Client.GetRuleAsync(topic, "s", "changed")).Action;
        Expect.True(action.SqlExpression.StartsWith("SET total"), "the action is read back");
    }

    [Scenario]
    public static async Task UpdatesAndDeletesRules(Bus bus)
    {
        var (topic, _) = await Subscription(new CreateRuleOptions("r", new SqlRuleFilter("size = 1")));
        RuleProperties rule = await Client.GetRuleAsync(topic, "s", "r");
        rule.Filter = new SqlRuleFilter("size = 2");
        await Client.UpdateRuleAsync(topic, "s", rule);
        var sender = bus.Client.CreateSender(topic);
        await sender.SendMessagesAsync([With("1", ("size", 1)), With("2", ("size", 2))]);
        Expect.Sequence(["2"], (await Peek(bus, topic)).Select(message => message.Body.ToString()), "after the update");
        await Client.DeleteRuleAsync(topic, "s", "r");
        await sender.SendMessageAsync(With("3", ("size", 2)));
        Expect.Equal(1, (await Peek(bus, topic)).Count, "messages without a rule");
        Expect.Equal(0, (await All(Client.GetRulesAsync(topic, "s"))).Count, "rules");
    }

    [Scenario]
    public static async Task RefusesWrongAndRepeatedRules(Bus bus)
    {
        var (topic, _) = await Subscription();
        await Expect.Throws<ArgumentException>(
            () => Client.CreateRuleAsync(topic, "s", new CreateRuleOptions("bad", new SqlRuleFilter("size >"))), "a wrong expression");
        var error = await Expect.Throws<ServiceBusException>(
            () => Client.CreateRuleAsync(topic, "s", new CreateRuleOptions("$Default")), "a second rule of one name");
        Expect.Equal(ServiceBusFailureReason.MessagingEntityAlreadyExists, error.Reason, "reason");
    }

    [Scenario]
    public static async Task ARuleManagerKeepsTypesAndActionsOverAmqp(Bus bus)
    {
        var (topic, _) = await Subscription();
        await using var rules = bus.Client.CreateRuleManager(topic, "s");
        await rules.DeleteRuleAsync("$Default");
        var filter = new CorrelationRuleFilter
        {
            ApplicationProperties = { ["int"] = 5, ["long"] = 6L, ["double"] = 1.5, ["guid"] = Guid.Empty, ["at"] = DateTime.UnixEpoch },
        };
        await rules.CreateRuleAsync("typed", filter);
        await rules.CreateRuleAsync(new CreateRuleOptions("sql", new SqlRuleFilter("size = 1")) { Action = new SqlRuleAction("SET a = 1") });
        var read = await All(rules.GetRulesAsync());
        Expect.Sequence(["typed", "sql"], read.Select(rule => rule.Name), "names");
        var properties = ((CorrelationRuleFilter)read[0].Filter).ApplicationProperties;
        foreach (var (name, value) in filter.ApplicationProperties) Expect.Equal(value, properties[name], name);
        Expect.Equal("SET a = 1", ((SqlRuleAction)read[1].Action).SqlExpression, "action");
        await bus.Client.CreateSender(topic).SendMessagesAsync([
            With("yes", ("int", 5), ("long", 6L), ("double", 1.5), ("guid", Guid.Empty), ("at", DateTime.UnixEpoch)),
            With("no", ("int", 5), ("long", 6L), ("double", 1.5), ("guid", Guid.Empty), ("at", DateTime.UnixEpoch.AddDays(1))),
        ]);
        Expect.Sequence(["yes"], (await Peek(bus, topic)).Select(message => message.Body.ToString()), "messages");
    }

    [Scenario]
    public static async Task AFilterThatFailsDeadLettersTheMessage(Bus bus)
    {
        var (topic, _) = await Subscription(new CreateRuleOptions("r", new SqlRuleFilter("size > 5")));
        await bus.Client.CreateSender(topic).SendMessageAsync(With("x", ("size", "large")));
        var dead = bus.Client.CreateReceiver(topic, "s", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        Expect.Equal("x", (await dead.Next()).Body.ToString(), "the dead letter");
    }

    [Scenario]
    public static async Task TellsOfTheNamespace(Bus bus)
    {
        NamespaceProperties properties = await Client.GetNamespacePropertiesAsync();
        Expect.Equal(MessagingSku.Standard, properties.MessagingSku, "SKU");
    }
}
